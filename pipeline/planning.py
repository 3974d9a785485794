"""What is left to draft in a catalog, once people and memory have had their say."""

from dataclasses import dataclass

from pipeline.catalog import Entry
from pipeline.draft import Draft, Passage
from pipeline.engines import Engine
from pipeline.files import read_file
from pipeline.job import Drafted, Job, Key
from pipeline.ledger import DraftRecord, digest_draft, parse_ledger
from pipeline.memory import Fill, Memory
from pipeline.merge import is_draft
from pipeline.messages import merge_catalog
from pipeline.pins import missed_pins, pins_for
from pipeline.settings import ENGINES


@dataclass(frozen=True, slots=True)
class Plan:
    """What an article asks of the engine of one language, and what it has from elsewhere (see Drafted)."""

    job: Job
    passages: tuple[Passage, ...]
    fills: tuple[tuple[Key, Fill], ...]
    kept: tuple[tuple[str, Draft], ...]
    offers: tuple[tuple[str, str], ...]


def plan_drafts(job: Job, language: str, engine: Engine, memory: Memory, *, keep_better: bool) -> Plan:
    """Return the plan for a catalog; with `keep_better`, drafts of an engine that goes before this one stay.

    Raises CatalogError where the catalog is broken.
    """
    ledger = parse_ledger(read_file(job.folder.ledger) or b"")
    if ledger.fault:
        return Plan(job, (), (), (), ())  # what cannot be recorded as a draft would count as a person's text for good
    is_ours = ledger.owner(language)
    groups = job.groups()
    open_keys = new = set(groups)
    wanting: dict[Key, Entry] = {}
    if (old := read_file(job.folder.catalog(language))) is not None:
        merged = merge_catalog(old, job, Drafted(job, language, engine.signature, ()), ledger, "")
        entries = [entry for entry in merged.entries if not entry.is_obsolete and not entry.is_header]
        wanting = {(e.msgctxt, e.msgid): e for e in entries if not e.msgstr or is_draft(e, is_ours)}
        texts = {msgid for _, msgid in wanting}
        new = {(e.msgctxt, e.msgid) for e in entries if not e.line}  # they may hold what a person wrote for another
        open_keys = {key for key in groups if key in wanting or (key[0] is None and key[1] in texts)}
    found = _look_up(job, memory, {*open_keys, *new})
    fills = {key: fill for key, fill in found.items() if fill.is_reviewed or key in open_keys}
    unfilled = [key for key in groups if key in open_keys and key not in fills]
    passages = {key[1]: groups[key][0] for key in unfilled}
    kept: dict[str, Draft] = {}
    if keep_better:
        records = {record.digest: record for record in ledger.records}
        for entry in wanting.values():
            record = records.get(digest_draft(language, entry.msgid, entry.msgstr))
            draft = _keep(entry, passages.get(entry.msgid), record, engine, language)
            if draft:
                kept[entry.msgid] = draft
    offers = ((text, memory.offer(text)) for text in passages) if memory else ()
    return Plan(
        job=job,
        passages=tuple(passage for text, passage in passages.items() if text not in kept),
        fills=tuple(fills.items()),
        kept=tuple(kept.items()),
        offers=tuple((text, offer) for text, offer in offers if offer),
    )


def _look_up(job: Job, memory: Memory, keys: set[Key]) -> dict[Key, Fill]:
    """Return what memory has for entries; the neighbours of an entry are those that it has in a catalog."""
    if not memory:
        return {}
    groups = job.groups()
    texts = [None, *(text for _, text in groups), None]
    found = {
        key: memory.fill(job.folder.name, key[1], str(group[0].segment.kind), texts[at], texts[at + 2])
        for at, (key, group) in enumerate(groups.items())
        if key in keys
    }
    return {key: fill for key, fill in found.items() if fill}


def _keep(
    entry: Entry, passage: Passage | None, record: DraftRecord | None, engine: Engine, language: str
) -> Draft | None:
    """Return the standing draft of a better engine, unless it misses a pin by now."""
    if record is None or passage is None or not entry.msgstr:
        return None
    name = record.signature.partition(" ")[0]
    pins = pins_for(passage.matches, language, engine.pivots)
    if name not in ENGINES or ENGINES.index(name) >= ENGINES.index(engine.name) or missed_pins(entry.msgstr, pins):
        return None
    return Draft(entry.msgstr, record.signature, record.confidence, pins=pins)
