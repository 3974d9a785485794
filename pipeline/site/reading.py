"""What stands in an article's folder: its files as bytes, and the publication that they make."""

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog import Entry, parse_catalog, read_header
from pipeline.files import read_file
from pipeline.formats import parse_article, read_source
from pipeline.ledger import Ledger, digest_draft, parse_ledger
from pipeline.merge import find_state
from pipeline.publication import Publication, Rendering, Row, State
from pipeline.segment import Segment, segment_article
from pipeline.settings import SOURCE
from pipeline.workspace import ArticleFolder, name_article


@dataclass(frozen=True, slots=True)
class Material:
    """The files that the pages of an article are made of; `catalogs` are (language, bytes) in the languages' order."""

    folder: ArticleFolder
    source: Path
    data: bytes
    catalogs: tuple[tuple[str, bytes], ...]
    ledger: bytes

    def digest(self) -> str:
        """Return a digest of all files."""
        parts: list[str | bytes] = [self.folder.name, self.source.name, self.data, self.ledger]
        for language, data in self.catalogs:
            parts += [language, data]
        total = hashlib.sha256()
        for part in parts:
            raw = part if isinstance(part, bytes) else part.encode(errors="surrogateescape")
            total.update(len(raw).to_bytes(8, "big") + raw)
        return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Dated:
    """A publication, and when the translation into each language last changed: (language, ISO date or "")."""

    publication: Publication
    updated: tuple[tuple[str, str], ...]


def read_material(folder: ArticleFolder) -> Material:
    """Read the files of an article.

    Raises SourceError for a folder without a source or with two, or whose name cannot stand in an address.
    """
    name_article(folder.path / SOURCE)
    source = folder.find_source()
    catalogs = tuple((language, read_file(folder.catalog(language)) or b"") for language in folder.languages())
    return Material(folder, source, read_source(source), catalogs, read_file(folder.ledger) or b"")


def read_publication(material: Material, no_break: Sequence[str], keys: Sequence[str] = ()) -> Dated:
    """Align the article with its catalogs; terms are those that the catalogs name. `keys` as in `parse_article`.

    Raises SourceError and CatalogError for files that cannot be read.
    """
    article = parse_article(material.data, material.source, material.folder.name, keys)
    segments = segment_article(article, no_break)
    ledger = parse_ledger(material.ledger)
    columns: list[list[Rendering]] = []
    updated: list[tuple[str, str]] = []
    terms: dict[str, tuple[str, ...]] = {}
    for language, data in material.catalogs:
        entries = parse_catalog(data, material.folder.catalog(language)).entries
        columns.append(list(_align(segments, entries, language, ledger)))
        terms = _read_terms(entries) | terms
        updated.append((language, _read_date(read_header(data, "PO-Revision-Date"))))
    rows = tuple(
        Row(segment, tuple(column[at] for column in columns), terms.get(segment.text, ()))
        for at, segment in enumerate(segments)
    )
    targets = tuple(language for language, _ in material.catalogs)
    return Dated(Publication(article, SOURCE, targets, rows), tuple(updated))


def _align(segments: Sequence[Segment], entries: Sequence[Entry], language: str, ledger: Ledger) -> Iterator[Rendering]:
    """Yield what stands in a catalog for each segment.

    A sentence with several entries takes the one whose context is its heading, or its kind where there is none; a
    further occurrence in the same place that with a number, as "Nord (2)". Where none fits it takes the first.
    """
    known: dict[str, list[Entry]] = defaultdict(list)
    for found in entries:
        if not found.is_obsolete:
            known[found.msgid].append(found)
    confidences = {record.digest: record.confidence for record in ledger.records}
    is_ours = ledger.owner(language)
    seen: Counter[tuple[str, str]] = Counter()
    for segment in segments:
        place = segment.section or str(segment.kind)
        seen[place, segment.text] += 1
        number = seen[place, segment.text]
        contexts = (f"{place} ({number})" if number > 1 else place, segment.section)
        several = known.get(segment.text, [])
        fitting = (entry for context in contexts for entry in several if entry.msgctxt == context)
        entry = next(fitting, several[0] if several else None)
        state = find_state(entry, is_ours) if entry else State.EMPTY
        digest = digest_draft(language, entry.msgid, entry.msgstr) if entry and state is State.DRAFT else ""
        yield Rendering(entry.msgstr if entry else "", state, confidences[digest] if digest else None)


def _read_terms(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return the terms of each sentence, as `translate` noted them ("term: Chine = China")."""
    terms = {}
    for entry in entries:
        noted = (comment.removeprefix("term: ") for comment in entry.comments if comment.startswith("term: "))
        if found := tuple(note.partition(" = ")[0] for note in noted):
            terms[entry.msgid] = found
    return terms


def _read_date(value: str) -> str:
    """Return a date of a PO header as ISO 8601; "" for none, and for the time zero of a catalog nobody touched."""
    try:
        date = dt.datetime.strptime(value, "%Y-%m-%d %H:%M%z")
        return date.isoformat() if date.timestamp() > 0 else ""
    except (ValueError, OverflowError):
        return ""
