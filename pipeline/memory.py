"""Translation memory: the reviewed entries of all catalogs, and TMX files, serve the articles that lack them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.article import Kind
from pipeline.catalog import Entry, is_reviewed, is_silent, scan_catalog
from pipeline.editing import revive
from pipeline.errors import CatalogError, PipelineError
from pipeline.exchange import read_units
from pipeline.files import read_file
from pipeline.ledger import parse_ledger
from pipeline.similarity import TextIndex
from pipeline.workspace import ArticleFolder, list_articles

# A text that resembles the source this much is offered beside a draft.
_OFFER = 75
_KINDS = frozenset(map(str, Kind))


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

    def digest(self) -> str:
        """Return a digest of all that it holds."""
        units = (unit for source in self._sources for unit in self._exact[source])
        rows = ((u.source, u.target, u.origin, sorted(u.kinds), u.before, u.after) for u in units)
        return hashlib.sha256("\n".join(map(repr, rows)).encode()).hexdigest()


def _line(text: str) -> str:
    return " ".join(text.split())


def _printable(name: str) -> str:
    """Return the name of a file as comments and ledgers can hold it: line breaks, tabs and broken bytes are spaces."""
    return "".join(character if character.isprintable() else " " for character in name)


def read_memory(workspace: Path, language: str) -> tuple[Memory, list[PipelineError]]:
    """Read what people reviewed in a workspace, in the order of the articles' names, and `translations/memory/*.tmx`.

    A catalog that is broken or in conflict, or whose ledger cannot be read, gives nothing (it is named where it is
    merged); the errors are those of TMX files.
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
        units += [Unit(unit.source, unit.target, _printable(path.name)) for unit in found]
    return Memory(units), errors


def _read_catalog(folder: ArticleFolder, language: str) -> list[Unit]:
    path, name = folder.catalog(language), _printable(folder.name)
    try:
        entries = list(scan_catalog(read_file(path) or b"", path))
    except CatalogError:
        return []
    # What was itself filled in from memory is no memory: an error would spread, and outlive its correction.
    ledger = parse_ledger(read_file(folder.ledger) or b"")
    if ledger.fault:
        return []
    is_copied = ledger.copies(language)
    live = [entry for entry in entries if not entry.is_obsolete]
    around = [None, *(entry.msgid for entry in live), None]
    units = [
        Unit(entry.msgid, entry.msgstr, name, _kinds(entry), around[number], around[number + 2])
        for number, entry in enumerate(live)
        if _serves(entry, is_copied)
    ]
    # What was reviewed serves on when its sentence has gone, but has no place.
    gone = [revive(entry) for entry in entries if entry.is_obsolete]
    return units + [Unit(entry.msgid, entry.msgstr, name) for entry in gone if _serves(entry, is_copied)]


def _serves(entry: Entry, is_copied: Callable[[str, str], bool]) -> bool:
    is_text = not entry.is_plural and bool(entry.msgstr.strip()) and not is_silent(entry)
    return is_text and is_reviewed(entry) and not is_copied(entry.msgid, entry.msgstr)


def _kinds(entry: Entry) -> frozenset[str]:
    return frozenset(comment.rpartition(" › ")[2] for comment in entry.comments) & _KINDS
