"""PO files read, merged and written: what did not change keeps its bytes, what a person typed is never lost."""

import re
import subprocess
from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalog import Catalog, Entry, format_string, is_reviewed, parse_catalog, read_header, scan_catalog
from pipeline.editing import make_obsolete, revive
from pipeline.errors import CatalogError
from pipeline.ledger import DraftRecord, Ledger, digest_draft, parse_ledger
from pipeline.merge import Message, merge_messages, new_catalog

PATH = Path("es.po")
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"X-Mine: kept\\n"\n\n'


def ledger_of(*drafts: tuple[str, str]) -> Ledger:
    return Ledger().with_records(DraftRecord(digest_draft("es", *draft), "test", 0.5) for draft in drafts)


def merge(text: str, *messages: Message, drafts: tuple[tuple[str, str], ...] = ()) -> str:
    catalog = parse_catalog(text.encode(), PATH)
    return merge_messages(catalog, messages, "fr.txt", ledger_of(*drafts).owner("es")).render().decode()


def message(msgid: str, draft: str = "") -> Message:
    return Message(msgid, ("paragraph",), draft, ("draft: test, 0.50",) if draft else ())


ENTRY = '#. paragraph\n#. draft: test, 0.50\n#: fr.txt\n#, fuzzy\nmsgid "Oui."\nmsgstr "Sí."\n'


def test_new_entry() -> None:
    assert merge(HEADER, message("Oui.", "Sí.")) == HEADER + ENTRY


def test_same_again_keeps_every_byte() -> None:
    text = HEADER + ENTRY
    assert merge(text, message("Oui.", "Sí."), drafts=(("Oui.", "Sí."),)) == text


def test_our_untouched_draft_follows_the_engine() -> None:
    merged = merge(HEADER + ENTRY, message("Oui.", "Claro."), drafts=(("Oui.", "Sí."),))
    assert merged == HEADER + ENTRY.replace("Sí.", "Claro.")


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(ENTRY.replace("Sí.", "Eso es."), id="touched, still fuzzy"),
        pytest.param(ENTRY.replace("#, fuzzy\n", ""), id="draft accepted"),
        pytest.param(ENTRY.replace("#, fuzzy", "#, no-wrap").replace("Sí.", "Que sí."), id="reviewed"),
    ],
)
def test_text_of_a_person_stays(entry: str) -> None:
    merged = merge(HEADER + entry, message("Oui.", "Claro."), drafts=(("Oui.", "Sí."),))
    assert merged == HEADER + entry.replace("#. draft: test, 0.50\n", "")


def test_text_stays_when_the_ledger_is_lost() -> None:
    assert "Sí." in merge(HEADER + ENTRY, message("Oui.", "Claro."))


def test_gone_becomes_obsolete_and_comes_back_as_it_was() -> None:
    reviewed = '# Anne: vu\n#. paragraph\n#: fr.txt\n#| msgid "Ouais."\nmsgid "Oui."\nmsgstr "Sí."\n'
    gone = merge(HEADER + reviewed, message("Non.", "No."))
    assert '# Anne: vu\n#~| msgid "Ouais."\n#~ msgid "Oui."\n#~ msgstr "Sí."\n' in gone
    assert merge(gone, message("Oui.")).startswith(HEADER + reviewed)


def test_gone_without_text_goes_but_a_comment_stays() -> None:
    empty = 'msgid "Oui."\nmsgstr ""\n'
    assert "Oui." not in merge(HEADER + empty, message("Non."))
    assert '# à voir\n#~ msgid "Oui."' in merge(HEADER + "# à voir\n" + empty, message("Non."))


def test_document_order_and_a_tail_comment() -> None:
    one, two = ENTRY, ENTRY.replace("Oui.", "Non.").replace("Sí.", "No.")
    drafts = (("Oui.", "Sí."), ("Non.", "No."))
    tail = "# fin\n"
    merged = merge(f"{HEADER}{one}\n{two}\n{tail}", message("Non.", "No."), message("Oui.", "Sí."), drafts=drafts)
    assert merged == f"{HEADER}{two}\n{one}\n{tail}"


def test_crlf_stays_crlf() -> None:
    text = (HEADER + ENTRY).replace("\n", "\r\n")
    merged = merge(text, message("Oui.", "Claro que sí."), message("Non.", "No."), drafts=(("Oui.", "Sí."),))
    assert merged.count("\n") == merged.count("\r\n")
    assert merged.startswith(HEADER.replace("\n", "\r\n"))


def test_contexts_leave_and_come_back_together() -> None:
    one, two = 'msgctxt "A"\nmsgid "Oui."\nmsgstr "Sí."\n', 'msgctxt "B"\nmsgid "Oui."\nmsgstr "Claro."\n'
    gone = merge(f"{HEADER}{one}\n{two}", message("Non.", "No."))
    assert gone.count("#~ msgctxt") == 2
    back = merge(gone, message("Oui.", "Bueno."), message("Non.", "No."), drafts=(("Non.", "No."),))
    assert back.count("#~") == 0
    assert back.count("msgctxt") == 2


def test_what_stays_obsolete_keeps_its_order_when_a_twin_comes_back() -> None:
    gone = ['#~ msgid "Non."\n#~ msgstr "No."\n']
    gone += [f'#~ msgctxt "{context}"\n#~ msgid "Oui."\n#~ msgstr "Sí."\n' for context in "AB"]
    wanted = Message("Oui.", ("paragraph",), msgctxt="A")
    once = merge(HEADER + "\n".join(gone), wanted)
    assert once.endswith(f"\n\n{gone[0]}\n{gone[2]}")
    assert merge(once, wanted) == once


def test_of_two_obsolete_entries_the_text_of_a_person_comes_back() -> None:
    twins = '#~ msgid "Oui."\n#~ msgstr "Persona."\n\n#, fuzzy\n#~ msgid "Oui."\n#~ msgstr "Borrador."\n'
    back = merge(HEADER + twins, message("Oui.", "Nuevo."), drafts=(("Oui.", "Borrador."),))
    assert '\nmsgid "Oui."\nmsgstr "Persona."\n' in back
    assert "Nuevo" not in back


def test_an_engine_without_an_answer_leaves_an_empty_entry_twice() -> None:
    once = merge(HEADER, Message("Oui.", ("paragraph",), "", ("draft: test, 0.00",)))
    assert once == HEADER + '#. paragraph\n#: fr.txt\nmsgid "Oui."\nmsgstr ""\n'
    assert merge(once, Message("Oui.", ("paragraph",), "", ("draft: test, 0.00",))) == once


def test_a_byte_order_mark_stays() -> None:
    text = "\ufeff" + HEADER + ENTRY
    assert merge(text, message("Oui.", "Claro."), drafts=(("Oui.", "Sí."),)) == text.replace("Sí.", "Claro.")


def test_contexts_that_a_person_added_are_entries_of_their_own() -> None:
    text = HEADER + 'msgctxt "A"\nmsgid "Oui."\nmsgstr "Sí."\n\nmsgctxt "B"\nmsgid "Oui."\nmsgstr "Claro."\n'
    merged = merge(text, message("Oui.", "Bueno."))
    assert merged.count("msgctxt") == 2
    assert "Bueno" not in merged


def test_flags_without_a_space_and_unicode_separators() -> None:
    catalog = parse_catalog((HEADER + '#,fuzzy\nmsgid "a\u2028b\x85"\nmsgstr "c"\n').encode(), PATH)
    assert catalog.entries[1].is_fuzzy
    assert catalog.entries[1].msgid == "a\u2028b\x85"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('msgid "a"\n<<<<<<< HEAD\nmsgstr "b"\n', "es.po:2: has conflict markers"),
        ('msgid "a"\nmsgstr "b"c"\n', "es.po:2: is broken"),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "only"\n', "es.po:4: is broken"),
        ('msgid "a"\nmsgstr "b"\nhello\n', "es.po:3: is broken"),
        ('msgid "a"\nmsgstr "cut off', "es.po:2: is broken .no whole string"),
        ('msgid "a"\nmsgstr ""\n"cut off\n"b"\n\nmsgid "c"\nmsgstr ""\n', "es.po:3: is broken"),
        ('"Content-Type: text/plain; charset=ISO-8859-15\\n"\n', "es.po: is in ISO-8859-15"),
    ],
)
def test_a_broken_file_names_the_line(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        parse_catalog(text.encode(), PATH)


def test_another_encoding_names_the_line() -> None:
    with pytest.raises(CatalogError, match=r"es\.po:2: is not UTF-8; convert it with msgconv"):
        parse_catalog('# a\n# é\nmsgid "a"\nmsgstr "b"\n'.encode("latin-1"), PATH)


def test_numeric_escapes_are_read_and_kept() -> None:
    reviewed = 'msgid "achet\\303\\251 \\x22 \\\\303"\nmsgstr "comprado"\n'
    catalog = parse_catalog((HEADER + reviewed).encode(), PATH)
    assert catalog.entries[1].msgid == 'acheté " \\303'
    merged = merge(HEADER + reviewed, Message('acheté " \\303', ("paragraph",), "borrador"))
    assert merged == HEADER + "#. paragraph\n#: fr.txt\n" + reviewed


def test_comments_as_gettext_takes_them() -> None:
    for note in ("#à vérifier", "#\tdemander", "  # dentro"):
        text = HEADER + note + '\nmsgid "Oui."\nmsgstr ""\n'
        assert note.strip() in merge(text, message("Non."))


def test_a_header_is_read_across_lines_and_from_broken_files() -> None:
    data = b'msgid ""\nmsgstr ""\n"X-Source-File: a/"\n"no\\"te.txt\\n"\n\nmsgid "broken\n"X-Other: x\\n"\n'
    assert read_header(data, "X-Source-File") == 'a/no"te.txt'
    assert read_header(data, "X-Other") == ""
    assert read_header(None, "X-Other") == ""


def test_reviewed_has_one_definition() -> None:
    texts = ["#, fuzzy\n" + 'msgid "a"\nmsgstr "b"\n', 'msgid "a"\nmsgstr ""\n', 'msgid "a"\nmsgstr "b"\n']
    assert [is_reviewed(parse_catalog(text.encode(), PATH).entries[0]) for text in texts] == [False, False, True]


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(words.filter(bool), words)
def test_strings_round_trip_through_polib(msgid: str, msgstr: str) -> None:
    lines = [*format_string("msgid", msgid), *format_string("msgstr", msgstr)]
    entry = parse_catalog("\n".join(lines).encode(), PATH).entries[0]
    assert (entry.msgid, entry.msgstr) == (msgid, msgstr)
    assert all(len(line) <= 79 or " " not in line[8:-2].strip() for line in lines)


@given(
    words.filter(bool),
    words.filter(bool),
    st.sampled_from(["", "# note\n", '#| msgid "old"\n', "#, fuzzy, c-format\n"]),
)
def test_obsolete_and_back_is_the_identity(msgid: str, msgstr: str, lines: str) -> None:
    raw = lines + "\n".join([*format_string("msgid", msgid), *format_string("msgstr", msgstr)]) + "\n"
    entry = parse_catalog(raw.encode(), PATH).entries[0]
    gone = make_obsolete(entry)
    assert parse_catalog(gone.raw.encode(), PATH).entries[0].msgstr == msgstr
    assert revive(gone).raw == raw


@given(st.lists(words.filter(lambda text: text.strip()), min_size=1, max_size=6, unique=True), words)
def test_msgids_and_drafts_reach_polib(msgids: list[str], draft: str) -> None:
    catalog = new_catalog("article", "es", "1970-01-01 00:00+0000")
    messages = [Message(msgid, ("paragraph",), draft) for msgid in msgids]
    data = merge_messages(catalog, messages, "fr.txt", lambda *_: True).render()
    assert [entry.msgid for entry in parse_catalog(data, PATH).entries[1:]] == msgids


def test_gettext_accepts_and_rewraps_nothing(tmp_path: Path) -> None:
    long = (
        "Les sanctions occidentales imposées à la Russie depuis son invasion de l’Ukraine en 2022 ont gravement pesé."
    )
    catalog: Catalog = new_catalog("article", "es", "1970-01-01 00:00+0000")
    texts = [long, 'un "mot" \\ 100 %', "Oui.", "« Non ! » dit-il."]
    data = merge_messages(catalog, [message(text, text) for text in texts], "fr.txt", lambda *_: True).render()
    path = tmp_path / "es.po"
    path.write_bytes(data)
    check = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", path], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stderr) == (0, "")
    assert subprocess.run(["msgcat", path], capture_output=True, check=True).stdout == data
    assert [entry.msgid for entry in polib.pofile(str(path))] == texts


def test_ledger_round_trip_and_conflict_markers() -> None:
    ledger = ledger_of(("Oui.", "Sí."), ("Non.", "No."))
    assert parse_ledger(ledger.render()) == ledger
    assert parse_ledger(b"<<<<<<< HEAD\n" + ledger.render() + b"=======\n>>>>>>> b\n") == ledger


@pytest.mark.parametrize(
    ("line", "fault"),
    [(b"x\ty\n", "is no record of a draft"), (b"\0\1", "is no record of a draft"), (b"\xff\xfe", "is not UTF-8")],
)
def test_a_ledger_that_cannot_be_read_says_where(line: bytes, fault: str) -> None:
    whole = ledger_of(("Oui.", "Sí.")).render()
    assert parse_ledger(whole + line) == Ledger(fault=f":3: {fault}")


def test_a_comment_with_line_breaks_is_one_line() -> None:
    merged = merge(HEADER, Message("Oui.", ('missing term: la\n  maison\r\nmsgid "x"',)))
    assert '#. missing term: la maison msgid "x"\n#: fr.txt\n' in merged


TEXTS = st.text(st.sampled_from(list('ab "\\#~\n\t\r\v\f\x85\u2028\u2029\xa0|')), max_size=12)


@st.composite
def po_files(draw: st.DrawFn) -> str:
    """Return a file with live, fuzzy, plural and obsolete entries, some without a blank line between them."""
    text = HEADER
    for number in range(draw(st.integers(0, 5))):
        lines = [draw(st.sampled_from(["", "#. Un titre › paragraph\n", "#, fuzzy\n", "#, no-wrap, fuzzy\n# fuzzy\n"]))]
        lines += [f"{line}\n" for line in format_string("msgctxt", draw(TEXTS))] if draw(st.booleans()) else []
        lines += [f"{line}\n" for line in format_string("msgid", f"{number} {draw(TEXTS)}")]
        plural = draw(st.booleans())
        lines += ['msgid_plural "x"\n'] if plural else []
        keyword = "msgstr[0]" if plural else "msgstr"
        lines += [f"{line}\n" for line in format_string(keyword, draw(TEXTS))]
        entry = "".join(lines)
        if draw(st.booleans()):
            entry = re.sub("^(?=.)(?!#)", "#~ ", entry, flags=re.MULTILINE)
        text += entry + draw(st.sampled_from(["\n", ""]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(po_files())
def test_the_quick_scan_reads_what_the_parser_reads(text: str) -> None:
    def facts(entry: Entry) -> tuple[object, ...]:
        flags = (entry.is_fuzzy, entry.is_obsolete, entry.is_plural)
        return (entry.line, entry.msgid, entry.msgstr, entry.msgctxt, flags, entry.comments)

    data = text.encode()
    parsed = [facts(entry) for entry in parse_catalog(data, PATH).entries if not entry.is_header]
    assert [facts(entry) for entry in scan_catalog(data, PATH)] == parsed
