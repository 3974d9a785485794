"""An article on its way through a run: its passages, the catalog entries they belong to, and what was made of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.article import Article
from pipeline.catalog import parse_catalog
from pipeline.draft import Draft, Passage
from pipeline.errors import CatalogError
from pipeline.files import read_file
from pipeline.memory import Fill
from pipeline.segment import Segment
from pipeline.workspace import ArticleFolder

# (msgctxt or None, msgid) of an entry.
Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Job:
    """An article on its way: where it lives, its source as received, and its passages in document order.

    `split` holds the sentences whose occurrences are entries of their own. `epoch` (seconds since 1970-01-01 UTC) is
    the time that a new catalog bears. `is_main` tells that the source is the article of a page, without the rest of it,
    `layout` for which generator translations are written beside it, "" for none.
    """

    folder: ArticleFolder
    path: Path
    data: bytes
    article: Article
    passages: tuple[Passage, ...]
    epoch: int
    split: frozenset[str] = frozenset()
    is_main: bool = False
    layout: str = ""

    @property
    def reference(self) -> str:
        """The file name that the catalogs refer to."""
        return self.folder.source(self.path).name

    def entry_keys(self) -> list[Key]:
        """Return the entry of each passage."""
        segments = [passage.segment for passage in self.passages]
        return _name_entries(segments, self.split)

    def groups(self) -> Mapping[Key, list[Passage]]:
        """Return the passages of each entry, in document order."""
        groups: dict[Key, list[Passage]] = {}
        for key, passage in zip(self.entry_keys(), self.passages, strict=True):
            groups.setdefault(key, []).append(passage)
        return groups


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a run made for an article in one language: drafts by segment text, and what memory has.

    `fills` are texts from memory by entry, `offers` comments on similar translations by segment text.
    """

    job: Job
    language: str
    engine: str
    drafts: tuple[tuple[str, Draft], ...]
    fills: tuple[tuple[Key, Fill], ...] = ()
    offers: tuple[tuple[str, str], ...] = ()


def _name_entries(segments: Sequence[Segment], split: Iterable[str]) -> list[Key]:
    """Return the entry of each segment; an occurrence of a sentence in `split` is named by its heading.

    Without a heading it is named by its kind, and a second one in the same place has a number.
    """
    split = frozenset(split)
    seen: Counter[Key] = Counter()
    keys: list[Key] = []
    for segment in segments:
        if segment.text not in split:
            keys.append((None, segment.text))
            continue
        place = segment.section or str(segment.kind)
        seen[place, segment.text] += 1
        number = seen[place, segment.text]
        keys.append((place if number == 1 else f"{place} ({number})", segment.text))
    return keys


def find_split(folder: ArticleFolder, segments: Sequence[Segment]) -> frozenset[str]:
    """Return the sentences that were split: the template has contexts for them, or a catalog has one of theirs.

    The template is enough as a rule; where it was deleted, or a sentence comes back, the catalogs remember.
    """
    split: set[str] = set()
    mine = set(_name_entries(segments, {segment.text for segment in segments}))
    texts = {text for _, text in mine}
    for path in (folder.template, *(folder.catalog(language) for language in folder.languages())):
        data = read_file(path) or b""
        if b"msgctxt" not in data:
            continue
        try:
            entries = parse_catalog(data, path).entries
        except CatalogError:  # it is named where it is merged
            continue
        contexts = [entry for entry in entries if entry.msgctxt is not None and entry.msgid in texts]
        split |= {e.msgid for e in contexts if path == folder.template or (e.msgctxt, e.msgid) in mine}
    return frozenset(split)
