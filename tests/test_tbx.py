"""TBX in and out: nothing is lost on the way, others can read it, and hostile files do no harm."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage.tbx import tbxfile

from pipeline.errors import GlossaryError
from pipeline.exports.tbx import render_tbx
from pipeline.exports.termlist import find_unsaid, list_languages, render_table
from pipeline.glossary import Form, Gender, Grammar, Number, Term, TermKind
from pipeline.termbase import read_glossary, read_termbase
from pipeline.termbase.entry import Row, fold_term, read_cell, read_entry
from pipeline.termbase.table import read_table
from pipeline.termbase.tbx import read_tbx

ROOT = Path(__file__).parents[1]
PATH = Path("terms.tbx")

# What CSV, XML or a careless reader might trip over.
LETTERS = "aéÉñœß'’-‑,;:\"<>&=+@#%/\\…€中🦊.?012"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)
GRAMMARS = st.builds(Grammar, st.none() | st.sampled_from(Gender), st.none() | st.sampled_from(Number), st.booleans())
FORMS = st.lists(st.builds(Form, WORDS, GRAMMARS), min_size=1, max_size=3, unique_by=lambda form: form.text).map(tuple)
NOTES = st.text(LETTERS + " \n\t|[]", max_size=12).map(str.strip)
TERMS = st.builds(
    Term,
    WORDS,
    st.sampled_from(TermKind),
    st.dictionaries(st.sampled_from(["en", "es", "de"]), FORMS).map(lambda forms: tuple(sorted(forms.items()))),
    NOTES,
)
GLOSSARIES = st.lists(TERMS, max_size=3, unique_by=lambda term: fold_term(term.text).lower()).map(tuple)


def parse(rows: tuple[Row, ...]) -> tuple[Term, ...]:
    """Read rows, of which none may have a fault."""
    terms = []
    for entry, findings in map(read_entry, rows):
        assert entry
        assert not findings
        terms.append(entry.term)
    return tuple(terms)


def normal(terms: tuple[Term, ...], languages: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Languages may change their order, and a cell left empty may hold the French form, nothing else."""
    return [
        (term.text, term.kind, [dict(term.forms).get(name) or (Form(term.text),) for name in languages], term.note)
        for term in terms
    ]


@given(GLOSSARIES)
def test_csv_to_tbx_to_csv_loses_nothing(terms: tuple[Term, ...]) -> None:
    languages = list_languages(terms)
    first = parse(read_table(render_table(terms, ","), PATH).rows)
    assert normal(first, languages) == normal(terms, languages)
    again = parse(read_tbx(render_tbx(first).encode(), PATH).rows)
    assert normal(again, languages) == normal(terms, languages)
    last = parse(read_table(render_table(again, ","), PATH).rows)
    assert normal(last, languages) == normal(terms, languages)


@given(GLOSSARIES, st.sets(st.sampled_from(["en", "es", "de"])))
def test_a_table_keeps_what_every_row_speaks_of(terms: tuple[Term, ...], languages: set[str]) -> None:
    ordered = sorted(languages, key=["en", "es", "de"].index)
    same = tuple(
        replace(term, forms=tuple((name, dict(term.forms).get(name, ())) for name in ordered)) for term in terms
    )
    assert find_unsaid(same) == ()
    assert parse(read_table(render_table(same, ","), PATH).rows) == tuple(
        replace(term, note=term.note.strip()) for term in same
    )


def tbx(entries: str, head: str = "", kind: str = "martif") -> bytes:
    return f"<?xml version='1.0'?>{head}<{kind}><text><body>{entries}</body></text></{kind}>".encode()


def test_translate_toolkit_reads_what_we_write(tmp_path: Path) -> None:
    terms = read_glossary(ROOT / "glossary").terms
    path = tmp_path / "terms.tbx"
    path.write_text(render_tbx(terms), encoding="utf-8")
    store = tbxfile.parsefile(str(path))
    store.setsourcelanguage("fr")
    for language in ("en", "es"):
        store.settargetlanguage(language)
        assert [unit.source for unit in store.units] == [term.text for term in terms]
        assert [unit.target for unit in store.units] == [term.accepted(language)[0].text for term in terms]
        for unit, term in zip(store.units, terms, strict=True):
            assert [form.text for form in unit.get_target_terms()] == [form.text for form in term.accepted(language)]
    assert read_glossary(tmp_path).terms == terms


def test_forms_of_a_language_stand_in_one_langset_the_preferred_one_first() -> None:
    term = Term("a < b", TermKind.NAME, (("es", tuple(read_cell("GPU [f,inv]|datos [m,pl]"))),), "x & y")
    entry = render_tbx((term,)).partition("<body>\n")[2].partition("    </body>")[0]
    name = '<termNote type="partOfSpeech">properNoun</termNote>'
    feminine = '<termNote type="grammaticalGender">feminine</termNote>'
    masculine = '<termNote type="grammaticalGender">masculine</termNote>'
    invariable = '<termNote type="usageNote">invariable</termNote>'
    plural = '<termNote type="grammaticalNumber">plural</termNote>'
    preferred = '<termNote type="administrativeStatus">preferredTerm-admn-sts</termNote>'
    admitted = '<termNote type="administrativeStatus">admittedTerm-admn-sts</termNote>'
    assert [line.strip() for line in entry.splitlines()] == [
        '<termEntry id="t1">',
        "<note>x &amp; y</note>",
        '<langSet xml:lang="fr">',
        f"<tig><term>a &lt; b</term>{name}</tig>",
        "</langSet>",
        '<langSet xml:lang="es">',
        f"<tig><term>GPU</term>{name}{feminine}{invariable}{preferred}</tig>",
        f"<tig><term>datos</term>{name}{masculine}{plural}{admitted}</tig>",
        "</langSet>",
        "</termEntry>",
    ]


def test_version_3_is_read_in_both_its_styles() -> None:
    data = b"""<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dct" xml:lang="fr" xmlns="urn:iso:std:iso:30042:ed-2"
     xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic">
 <tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader>
 <text><body><conceptEntry id="c1">
  <langSec xml:lang="es-ES">
   <termSec><term>chip</term></termSec>
   <termSec><term>microchip</term><min:administrativeStatus>preferredTerm-admn-sts</min:administrativeStatus>
    <basic:grammaticalGender>masculine</basic:grammaticalGender></termSec>
   <termSec><term>pastilla</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termSec>
  </langSec>
  <langSec xml:lang="fr"><termSec><term>puce</term></termSec>
   <termSec><term>Puce <hi>Un</hi></term><termNote type="partOfSpeech">properNoun</termNote></termSec></langSec>
  <note>one</note><note>two</note>
 </conceptEntry>
 <conceptEntry id="c2"><langSec xml:lang="en"><termSec><term>no French</term></termSec></langSec></conceptEntry>
 </body></text></tbx>"""
    reading = read_tbx(data, PATH)
    assert [row.place.line for row in reading.rows] == [12, 13]
    assert [str(finding) for finding in reading.findings] == [
        "terms.tbx:16: note no-source: 1 entry has no French term, this one first; they are not used"
    ]
    forms = (("es", (Form("microchip", Grammar(Gender.MASCULINE)), Form("chip"))),)
    assert parse(reading.rows) == (
        Term("puce", TermKind.TERM, forms, "one; two"),
        Term("Puce Un", TermKind.NAME, forms, "one; two"),
    )


@given(st.text(LETTERS + ',;\t"\n\r|[]fren\0\x1b\u2028', max_size=60), st.sampled_from(["a.csv", "a.fr-en.tsv"]))
def test_any_table_is_read_or_named_in_lines(text: str, name: str) -> None:
    reading = read_table(text, Path(name))
    findings = [*reading.findings, *(finding for row in reading.rows for finding in read_entry(row)[1])]
    assert all(str(finding).isprintable() for finding in findings)
    lines = len(text.splitlines()) + 1
    assert all(1 <= finding.place.line <= lines for finding in findings)


def test_a_term_group_of_version_2_is_read() -> None:
    group = "<ntig><termGrp><term>{}</term><termNote type='grammaticalNumber'>plural</termNote></termGrp></ntig>"
    entry = "<termEntry>{}</termEntry>".format(
        "".join(f"<langSet xml:lang='{tag}'>{group.format(text)}</langSet>" for tag, text in (("FR", "a"), ("EN", "b")))
    )
    head = "<!DOCTYPE martif SYSTEM 'TBXcoreStructV02.dtd'>"
    (term,) = parse(read_tbx(tbx(entry, head), PATH).rows)
    assert term == Term("a", TermKind.TERM, (("en", (Form("b", Grammar(number=Number.PLURAL)),)),))


def test_faults_of_tbx_name_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.tbx").write_bytes(
        tbx("\n<termEntry><langSet xml:lang='fr'><tig><term> </term></tig></langSet></termEntry>")
    )
    (finding,) = read_termbase(tmp_path).findings
    assert (finding.place.line, finding.code) == (2, "empty-term")


def test_a_term_of_tbx_is_taken_to_the_letter(tmp_path: Path) -> None:
    part = "<langSet xml:lang='{}'><tig><term>{}</term></tig></langSet>"
    terms = [("fr", "a[i]"), ("en", "key|value"), ("es", "array [f]"), ("de", "int[]")]
    (tmp_path / "a.tbx").write_bytes(tbx(f"<termEntry>{''.join(part.format(*pair) for pair in terms)}</termEntry>"))
    termbase = read_termbase(tmp_path)
    assert termbase.findings == ()
    forms = tuple((language, (Form(text),)) for language, text in terms[1:])
    assert termbase.glossary.terms == (Term("a[i]", TermKind.TERM, forms),)
    (tmp_path / "a.tbx").write_text(render_tbx(termbase.glossary.terms), encoding="utf-8")
    assert read_termbase(tmp_path).glossary == termbase.glossary
    with pytest.raises(GlossaryError, match=r"“a\[i\]” cannot stand in a table"):
        render_table(termbase.glossary.terms, ",")


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
TERM = "<termEntry><langSet xml:lang='fr'><tig><term>{}</term></tig></langSet></termEntry>"


@pytest.mark.parametrize(
    "data",
    [
        tbx(TERM.format("&l11;"), f"<!DOCTYPE martif [<!ENTITY l0 'ha'>{LAUGHS}]>"),
        tbx("<termEntry id='&l11;'/>", f"<!DOCTYPE martif [<!ENTITY l0 'ha'>{LAUGHS}]>"),
        tbx(TERM.format("&x;"), "<!DOCTYPE martif [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"),
        tbx(TERM.format("&x;"), "<!DOCTYPE martif [<!ENTITY x SYSTEM 'http://localhost:9/'>]>"),
        tbx(TERM.format("a"), "<!DOCTYPE martif [<!ENTITY % x SYSTEM 'http://localhost:9/'> %x;]>"),
        tbx(TERM.format("&x;"), "<!DOCTYPE martif SYSTEM 'http://localhost:9/x.dtd'>"),
        tbx(TERM.format("a") * 3, "<!DOCTYPE martif [<!ENTITY unused 'x'>]>"),
        tbx("<a>" * 100_000),
        tbx("", kind="html"),
        b"",
        b"\0\1\2",
        b"fr,en\nIA,AI\n",
    ],
)
def test_hostile_and_broken_files_are_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.tbx").write_bytes(data)
    start = time.perf_counter()
    (finding,) = read_termbase(tmp_path).findings
    assert time.perf_counter() - start < 2
    assert (finding.severity, finding.code) == ("error", "no-tbx")
    assert "\n" not in str(finding)
    assert len(str(finding)) < 400


def test_what_a_dtd_would_add_is_not_fetched(tmp_path: Path) -> None:
    path = tmp_path / "x.dtd"
    path.write_text("<!ATTLIST langSet xml:lang CDATA 'fr'>", encoding="utf-8")
    entry = "<termEntry><langSet><tig><term>a</term></tig></langSet></termEntry>"
    assert read_tbx(tbx(entry, f"<!DOCTYPE martif SYSTEM '{path}'>"), PATH).rows == ()
