"""What an article wants of its catalogs: an entry for each different segment, with comments and a text to propose."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.catalog import Catalog, parse_catalog
from pipeline.draft import Draft, Passage
from pipeline.job import Drafted, Job
from pipeline.ledger import Ledger
from pipeline.memory import Fill
from pipeline.merge import Message, merge_messages, new_catalog


def template_messages(job: Job) -> list[Message]:
    """Return the entries of the template."""
    return [Message(text, _places(group), msgctxt=context) for (context, text), group in job.groups().items()]


def merge_catalog(old: bytes | None, job: Job, done: Drafted, ledger: Ledger, date: str) -> Catalog:
    """Return what becomes of a catalog, whose bytes are `old`; `date` is that of a new one.

    Raises CatalogError where it is broken.
    """
    catalog = parse_catalog(old or b"", job.folder.catalog(done.language))
    if not any(entry.is_header for entry in catalog.entries):
        empty = new_catalog(job.folder.name, done.language, date)
        catalog = replace(catalog, entries=(*empty.entries, *catalog.entries))
    drafts, fills, offers = dict(done.drafts), dict(done.fills), dict(done.offers)
    messages = []
    for key, group in job.groups().items():
        message = Message(key[1], (*_places(group), *_terms(group, done.language)), msgctxt=key[0])
        if key in fills:
            message = _propose_fill(message, fills[key])
        elif key[1] in drafts:
            message = _propose_draft(message, drafts[key[1]], offers.get(key[1]))
        messages.append(message)
    return merge_messages(catalog, messages, job.reference, ledger.owner(done.language))


def _propose_fill(message: Message, fill: Fill) -> Message:
    return replace(message, draft=fill.text, draft_comments=fill.notes, is_reviewed=fill.is_reviewed)


def _propose_draft(message: Message, draft: Draft, offer: str | None) -> Message:
    engine = draft.signature.partition(" terms ")[0]
    notes = [f"draft: {engine}, {draft.confidence:.2f}"]
    notes += [f"unknown: {', '.join(draft.unknown)}"] if draft.unknown else []
    notes += [f"missing term: {message.msgid[pin.start : pin.end]} = {' | '.join(pin.forms)}" for pin in draft.missed]
    notes += [offer] if offer else []
    return replace(message, draft=draft.text, draft_comments=tuple(notes))


def _places(group: Sequence[Passage]) -> tuple[str, ...]:
    """Return where a sentence stands: a line for each different place."""
    segments = [passage.segment for passage in group]
    return tuple(dict.fromkeys(f"{s.section} › {s.kind}" if s.section else str(s.kind) for s in segments))


def _terms(group: Sequence[Passage], language: str) -> list[str]:
    terms = dict.fromkeys(match.term for match in group[0].matches)
    accepted = {term: " | ".join(form.text for form in term.accepted(language)) for term in terms}
    return [f"term: {term.text} = {forms}" for term, forms in accepted.items() if forms]
