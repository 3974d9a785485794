"""What an article wants of a catalog, merged into what people made of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.catalog import Catalog, Entry, escape, make_obsolete, new_entry, revive, set_comments, set_draft
from pipeline.settings import SOURCE

# Name for people and Plural-Forms, as gettext's own table has them.
_TEAMS = {
    "en": ("English", "nplurals=2; plural=(n != 1);"),
    "es": ("Spanish", "nplurals=2; plural=(n != 1);"),
}

# Answers whether this program wrote (msgid, msgstr) as a draft that nobody changed since.
IsOurs = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Message:
    """An entry that the article wants: its comments, and a draft with comments of its own ("" for none)."""

    msgid: str
    comments: tuple[str, ...]
    draft: str = ""
    draft_comments: tuple[str, ...] = ()


def is_draft(entry: Entry, is_ours: IsOurs) -> bool:
    """Tell whether the entry holds an untouched machine draft; any other non-empty text is a person's."""
    return entry.is_fuzzy and not entry.is_plural and is_ours(entry.msgid, entry.msgstr)


def merge_messages(catalog: Catalog, messages: Sequence[Message], reference: str, is_ours: IsOurs) -> Catalog:
    """Return `catalog` with the messages in their order; no text of a person is changed or dropped.

    Entries that the article no longer has become obsolete, and come back when their sentence does. A catalog that
    has all it should is returned as it is, to the byte.
    """
    known: dict[str, list[Entry]] = {}
    for entry in catalog.entries:
        if not entry.is_header:
            known.setdefault(entry.msgid, []).append(entry)
    wanted: list[Entry] = []
    for message in messages:
        entries = known.get(message.msgid, [])
        taken = [entry for entry in entries if not entry.is_obsolete] or _returning(entries, is_ours)
        # An obsolete twin stays what it is: a person may have written it.
        known[message.msgid] = [entry for entry in entries if entry not in taken]
        live = [revive(entry) if entry.is_obsolete else entry for entry in taken]
        live = live or [new_entry(message.msgid, catalog.newline)]
        wanted += [_update_entry(entry, message, reference, is_ours, catalog.newline) for entry in live]
    headers = [entry for entry in catalog.entries if entry.is_header]
    rest = [entry for entries in known.values() for entry in entries if entry.msgstr or entry.has_note]
    gone = [entry if entry.is_obsolete else make_obsolete(entry) for entry in rest]
    merged = (*headers, *wanted, *gone)
    return catalog if merged == catalog.entries else replace(catalog, entries=_spaced(merged, catalog))


def _returning(entries: Sequence[Entry], is_ours: IsOurs) -> list[Entry]:
    """Return the obsolete entries that come back into use: of each context the last, a person's text first."""
    chosen: dict[str | None, Entry] = {}
    for entry in sorted(entries, key=lambda entry: not is_draft(entry, is_ours)):
        chosen[entry.msgctxt] = entry
    return [entry for entry in entries if entry in chosen.values()]


def _update_entry(entry: Entry, message: Message, reference: str, is_ours: IsOurs, newline: str) -> Entry:
    is_theirs = entry.is_plural or (entry.msgstr and not is_draft(entry, is_ours))
    if is_theirs or not message.draft:
        return set_comments(entry, message.comments, [reference], newline)
    entry = set_comments(entry, message.comments + message.draft_comments, [reference], newline)
    return set_draft(entry, message.draft, newline)


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
