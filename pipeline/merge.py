"""What an article wants of a catalog, merged into what people made of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.carry import carry_texts
from pipeline.catalog import Catalog, Entry, escape, is_reviewed
from pipeline.editing import carry_entry, make_obsolete, new_entry, revive, set_comments, set_context, set_text
from pipeline.publication import State
from pipeline.settings import SOURCE

# Name for people and Plural-Forms, as gettext's own table has them.
_TEAMS = {
    "en": ("English", "nplurals=2; plural=(n != 1);"),
    "es": ("Spanish", "nplurals=2; plural=(n != 1);"),
}

# Answers whether this program wrote (msgid, msgstr) as a draft that nobody changed since.
IsOurs = Callable[[str, str], bool]


# Comments about a text of ours, which stay while it does.
TEXT_NOTES = ("draft: ", "unknown: ", "missing term: ", "match ", "memory: ")


@dataclass(frozen=True, slots=True)
class Message:
    """An entry that the article wants: its comments, and a draft with comments of its own ("" for none).

    `msgctxt` is the heading of an occurrence that has an entry of its own (`passerelle split`). A draft that
    `is_reviewed` is one that a person accepted elsewhere, in the same place.
    """

    msgid: str
    comments: tuple[str, ...]
    draft: str = ""
    draft_comments: tuple[str, ...] = ()
    msgctxt: str | None = None
    is_reviewed: bool = False


def is_draft(entry: Entry, is_ours: IsOurs) -> bool:
    """Tell whether the entry holds an untouched machine draft; any other non-empty text is a person's."""
    return entry.is_fuzzy and not entry.is_plural and is_ours(entry.msgid, entry.msgstr)


def find_state(entry: Entry, is_ours: IsOurs) -> State:
    """Return how far an entry in use has come."""
    if not entry.msgstr:
        return State.EMPTY
    if is_reviewed(entry):
        return State.REVIEWED
    return State.DRAFT if is_draft(entry, is_ours) else State.TOUCHED


def merge_messages(catalog: Catalog, messages: Sequence[Message], reference: str, is_ours: IsOurs) -> Catalog:
    """Return `catalog` with the messages in their order; no text of a person is changed or dropped.

    Entries that the article no longer has become obsolete, and come back when their sentence does; a new sentence
    that resembles one of them comes fuzzy with its text. A catalog that has all it should is returned as it is, to
    the byte.
    """
    entries = [entry for entry in _spread(catalog, messages) if not entry.is_header]
    known: dict[str, list[Entry]] = {}
    for entry in entries:
        known.setdefault(entry.msgid, []).append(entry)
    found: list[list[Entry]] = []
    used: set[int] = set()
    for message in messages:
        mine = [entry for entry in known.get(message.msgid, ()) if message.msgctxt in {None, entry.msgctxt}]
        taken = [entry for entry in mine if not entry.is_obsolete] or _returning(mine, is_ours)
        used.update(map(id, taken))
        found.append([revive(entry) if entry.is_obsolete else entry for entry in taken])
    # An obsolete twin of what is in use stays what it is, and where it is: a person may have written it.
    left = [entry for entry in entries if id(entry) not in used]
    missing = [message for message, taken in zip(messages, found, strict=True) if not taken]
    theirs = [e for e in left if e.msgstr and not e.is_plural and not is_draft(e, is_ours)]
    # What was accepted elsewhere for the very sentence goes before what was written here for one like it.
    changed = [message for message in missing if not message.is_reviewed]
    carried = dict(zip(changed, carry_texts([message.msgid for message in changed], theirs), strict=True))
    wanted: list[Entry] = []
    for message, taken in zip(messages, found, strict=True):
        if not taken and (text := carried.get(message)):
            taken.append(carry_entry(message.msgid, catalog.newline, message.msgctxt, text))
        wanted += [_update_entry(entry, message, reference, is_ours, catalog.newline) for entry in taken]
        wanted += [] if taken else [_make_entry(message, reference, catalog.newline)]
    headers = [entry for entry in catalog.entries if entry.is_header]
    kept = [entry for entry in left if (entry.msgstr or entry.notes) and not _is_copy(entry, catalog)]
    gone = [entry if entry.is_obsolete else make_obsolete(entry) for entry in kept]
    merged = (*headers, *wanted, *gone)
    return catalog if merged == catalog.entries else replace(catalog, entries=_spaced(merged, catalog))


def _spread(catalog: Catalog, messages: Sequence[Message]) -> Sequence[Entry]:
    """Return the entries, with that of a sentence whose occurrences are entries of their own now copied for each."""
    split: dict[str, list[str]] = {}
    for message in messages:
        if message.msgctxt is not None:
            split.setdefault(message.msgid, []).append(message.msgctxt)
    if not split:
        return catalog.entries
    # An obsolete twin takes no occurrence from the text in use; without one, it comes back by itself.
    known = {(entry.msgid, entry.msgctxt) for entry in catalog.entries if not entry.is_obsolete}
    entries: list[Entry] = []
    for entry in catalog.entries:
        contexts = split.get(entry.msgid, []) if entry.msgctxt is None and not entry.is_obsolete else []
        copies = [
            set_context(entry, context, catalog.newline) for context in contexts if (entry.msgid, context) not in known
        ]
        entries += copies or [entry]
    return entries


def _is_copy(entry: Entry, catalog: Catalog) -> bool:
    """Tell whether an entry in use holds nothing but a text taken over from another, which is there still."""
    if entry.is_obsolete or not entry.is_fuzzy or not entry.previous or entry.notes or entry.is_plural:
        return False
    originals = (e for e in catalog.entries if e.msgid == entry.previous and not e.is_plural and not e.previous)
    return any(e.msgstr == entry.msgstr for e in originals)


def _returning(entries: Sequence[Entry], is_ours: IsOurs) -> list[Entry]:
    """Return the obsolete entries that come back into use: of each context the last, a person's text first."""
    chosen: dict[str | None, Entry] = {}
    for entry in sorted(entries, key=lambda entry: not is_draft(entry, is_ours)):
        chosen[entry.msgctxt] = entry
    return [entry for entry in entries if entry in chosen.values()]


def _make_entry(message: Message, reference: str, newline: str) -> Entry:
    return new_entry(
        *(message.msgid, newline, message.msgctxt, message.draft),
        comments=message.comments + (message.draft_comments if message.draft else ()),
        references=[reference],
        is_fuzzy=bool(message.draft) and not message.is_reviewed,
    )


def _update_entry(entry: Entry, message: Message, reference: str, is_ours: IsOurs, newline: str) -> Entry:
    is_theirs = entry.is_plural or (entry.msgstr and not is_draft(entry, is_ours))
    if message.draft and not is_theirs:
        entry = set_comments(entry, message.comments + message.draft_comments, [reference], newline)
        return set_text(entry, message.draft, newline, is_fuzzy=not message.is_reviewed)
    # Notes about a text stay while it is the one that was proposed; of a reviewed one, where it is from.
    about = TEXT_NOTES if not is_theirs else ("memory: ",)
    is_same = entry.msgstr and is_ours(entry.msgid, entry.msgstr)
    notes = [comment for comment in entry.comments if is_same and comment.startswith(about)]
    return set_comments(entry, [*message.comments, *notes], [reference], newline)


def _spaced(entries: Sequence[Entry], catalog: Catalog) -> tuple[Entry, ...]:
    """Return the entries with a blank line between each other and none at the end of the file."""
    blank = 2 * catalog.newline
    ends = [blank] * (len(entries) - 1) + [blank if catalog.tail else catalog.newline]
    return tuple(
        entry if entry.raw.endswith(end) and end == blank else replace(entry, raw=entry.raw.rstrip("\r\n") + end)
        for entry, end in zip(entries, ends, strict=True)
    )


def new_catalog(article: str, language: str, date: str, fields: Sequence[tuple[str, str]] = ()) -> Catalog:
    """Return a catalog without messages; `language` is "" for a template, `fields` are added to its header.

    `date` goes into it once; afterwards the header belongs to the people who edit the file.
    """
    team, plural = _TEAMS.get(language, (language, "")) if language else ("", "")
    header = [
        ("Project-Id-Version", article),
        ("Report-Msgid-Bugs-To", ""),
        ("POT-Creation-Date", date),
        ("PO-Revision-Date", date),
        ("Last-Translator", "Passerelle"),
        ("Language-Team", team or "none"),
        ("Language", language),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("Content-Transfer-Encoding", "8bit"),
        *([("Plural-Forms", plural)] if plural else []),
        ("X-Source-Language", SOURCE),
        *fields,
    ]
    lines = ['msgid ""', 'msgstr ""', *(f'"{name}: {escape(value)}\\n"' for name, value in header), ""]
    return Catalog((Entry("".join(f"{line}\n" for line in lines), 1, "", ""),))
