"""Translation memory: the reviewed entries of all catalogs, and TMX files, serve the articles that lack them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.article import Kind
from pipeline.errors import PipelineError
from pipeline.exchange import read_units
from pipeline.files import read_file
from pipeline.ledger import parse_ledger
from pipeline.similarity import TextIndex
from pipeline.workspace import ArticleFolder, list_articles

# A text that resembles the source this much is offered beside a draft.
_OFFER = 75
_KINDS = frozenset(map(str, Kind))
_BLOCK = re.compile(r"\r?\n(?:[ \t]*\r?\n)+")
_FUZZY = re.compile(r"^#,.*\bfuzzy\b|^msgid_plural", re.MULTILINE)
_OBSOLETE = re.compile(r"^#~(?!\|) ?", re.MULTILINE)
_STRINGS = r'((?:[ \t]*"(?:[^"\\]|\\.)*"[ \t]*\r?\n?)+)'
_MSGID = re.compile(rf"^msgid{_STRINGS}", re.MULTILINE)
_MSGSTR = re.compile(rf"^msgstr{_STRINGS}", re.MULTILINE)
_PLACE = re.compile(r"^#\. (?:.* › )?(\w+)\r?$", re.MULTILINE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CHARACTERS = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence with its reviewed translation: the article or file it is from, its kinds of block, its neighbours.

    `before` and `after` are the texts around it, None at the ends. A unit of a TMX file has no `kinds`, so no place.
    """

    source: str
    target: str
    origin: str
    kinds: frozenset[str] = frozenset()
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """A text from memory for an entry, to be reviewed or not, with its comments and the article it is from."""

    text: str
    is_reviewed: bool
    notes: tuple[str, ...]
    origin: str


class Memory:
    """The memory of one language."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._exact: dict[str, list[Unit]] = defaultdict(list)
        for unit in units:
            self._exact[unit.source].append(unit)
        # In an order that does not change when a sentence moves, leaves its article or comes back.
        self._sources = sorted(self._exact)
        self._index: TextIndex | None = None

    def fill(self, article: str, text: str, kind: str, before: str | None, after: str | None) -> Fill | None:
        """Return the text for a sentence of an article that another one has, or None.

        It is reviewed where kind and neighbours match too, and nothing contradicts it.
        """
        units = [unit for unit in self._exact.get(text, ()) if unit.origin != article]
        if not units:
            return None
        here = [unit for unit in units if kind in unit.kinds and (unit.before, unit.after) == (before, after)]
        chosen = (here or units)[0]
        origins: dict[str, list[str]] = {}
        for unit in units:
            origins.setdefault(unit.target, []).append(unit.origin)
        if here and len(origins) == 1:
            return Fill(chosen.target, is_reviewed=True, notes=(f"memory: {chosen.origin}",), origin=chosen.origin)
        notes = [f"memory: {_line(target)} ({', '.join(dict.fromkeys(names))})" for target, names in origins.items()]
        return Fill(chosen.target, is_reviewed=False, notes=tuple(notes), origin=chosen.origin)

    def offer(self, text: str) -> str | None:
        """Return a comment with the translation of the most similar sentence, or None."""
        if self._index is None:
            self._index = TextIndex(self._sources)
        for score, number in self._index.search(text, _OFFER):
            if self._sources[number] != text:
                unit = min(self._exact[self._sources[number]], key=lambda unit: (unit.origin, unit.target))
                return f"match {score:.0f} %: {_line(unit.source)} = {_line(unit.target)} ({unit.origin})"
        return None

    def __bool__(self) -> bool:
        return bool(self._sources)


def _line(text: str) -> str:
    return " ".join(text.split())


def read_memory(workspace: Path, language: str) -> tuple[Memory, list[PipelineError]]:
    """Read what people reviewed in a workspace, in the order of the articles' names, and `translations/memory/*.tmx`.

    A catalog that is broken gives what can be read of it (it is named where it is merged); the errors are those of
    TMX files.
    """
    units: list[Unit] = []
    errors: list[PipelineError] = []
    for folder in list_articles(workspace):
        units += _read_catalog(folder, language)
    for path in sorted((workspace / "translations" / "memory").glob("*.tmx")):
        try:
            found = [unit for unit in read_units(path) if unit.language == language and not unit.is_fuzzy]
        except PipelineError as error:
            errors.append(error)
            continue
        units += [Unit(unit.source, unit.target, path.name) for unit in found]
    return Memory(units), errors


def _read_catalog(folder: ArticleFolder, language: str) -> list[Unit]:
    data = read_file(folder.catalog(language)) or b""
    if b"msgstr" not in data:
        return []
    found = list(_scan(data.decode(errors="replace")))
    if not any(target for _, target, _ in found):
        return []
    # What was itself filled in from memory is no memory: an error would spread, and outlive its correction.
    is_copied = parse_ledger(read_file(folder.ledger) or b"").copies(language)
    around = [None, *(source for source, _, kinds in found if kinds is not None), None]
    units: list[Unit] = []
    for number, (source, target, kinds) in enumerate(found):
        if target and target.strip() != "<empty>" and not is_copied(source, target):
            place = (None, None) if kinds is None else (around[number], around[number + 2])
            units.append(Unit(source, target, folder.name, kinds or frozenset(), *place))
    return units


def _scan(text: str) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Yield (msgid, msgstr where it is reviewed or else "", kinds of block) of a catalog's entries.

    Obsolete ones, which have no kinds (None), come last: what was reviewed serves on when its sentence has gone.
    Much faster than a whole parse, which at 5 ms a catalog would cost a thousand of them ten seconds a run.
    """
    obsolete: list[tuple[str, str, None]] = []
    for block in _BLOCK.split(text):
        is_obsolete = "#~" in block
        plain = _OBSOLETE.sub("", block) if is_obsolete else block
        msgid, msgstr = _MSGID.search(plain), _MSGSTR.search(plain)
        source = _unquote(msgid[1]) if msgid and msgstr else ""
        if not source or not msgstr:
            continue
        target = "" if _FUZZY.search(plain) else _unquote(msgstr[1])
        if is_obsolete:
            obsolete.append((source, target, None))
        else:
            yield source, target, frozenset(_PLACE.findall(plain)) & _KINDS
    yield from obsolete


def _unquote(strings: str) -> str:
    text = "".join(line.strip()[1:-1] for line in strings.strip().splitlines())
    return _ESCAPE.sub(lambda match: _CHARACTERS.get(match[1], match[0]), text) if "\\" in text else text
