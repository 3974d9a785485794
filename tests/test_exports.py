"""The files for other tools: what they read is what we had."""

import csv
import io
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.article import Article, Block, Kind
from pipeline.exports.markdown import render_markdown
from pipeline.exports.tmx import render_tmx
from pipeline.exports.tsv import render_tsv
from pipeline.publication import Publication, Rendering, Row, State, drop_controls, join_lines
from pipeline.segment import Segment

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def _publish(*blocks: tuple[Kind, str, Rendering], level: int = 1, ordered: bool = False) -> Publication:
    """Make a publication of one segment a block, with one rendering in English."""
    parts = tuple(Block(kind, text, 0, 1, level, ordered) for kind, text, _ in blocks)
    rows = tuple(Row(Segment(n, kind, text, 1, ""), (rendering,)) for n, (kind, text, rendering) in enumerate(blocks))
    return Publication(Article("essai", "", parts), "fr", ("en",), rows)


def _draft(text: str) -> Rendering:
    return Rendering(text, State.DRAFT)


_ARTICLE = _publish(
    (Kind.TITLE, "Le titre", Rendering("The title", State.REVIEWED)),
    (Kind.ASIDE, "À lire", _draft("To read")),
    (Kind.PARAGRAPH, "Un début.", Rendering("", State.EMPTY)),
    (Kind.HEADING, "Partie", Rendering("Part", State.TOUCHED)),
    (Kind.ITEM, "un", _draft("one")),
    (Kind.ITEM, "deux", _draft("two")),
    (Kind.QUOTATION, "« Oui. »", _draft("“Yes.”")),
    (Kind.ATTRIBUTION, "Une personne", _draft("A person")),
    (Kind.PARAGRAPH, "Rien.", Rendering("<empty>", State.REVIEWED)),
)

# Characters that Markdown, XML or a spreadsheet may take for markup, among letters and any others.
_NASTY = st.text(st.one_of(st.sampled_from("#*_-+=<>&;[]()!`~|\\\"'.:1a é\u00a0\t\n\r\x00\x0c"), st.characters()))


def test_markdown_page() -> None:
    file = render_markdown(_ARTICLE, "en")
    assert file.name == "en.md"
    assert file.text == (
        "<!-- Machine draft, review under way. Segments reviewed: 2 of 9 -->\n\n# The title\n\n"
        '<span lang="fr">Un début.</span>\n\n## Part\n\n- one\n- two\n\n> “Yes.”\n>\n> — A person\n\n'
        "---\n\n<!-- Around the article -->\n\nTo read\n"
    )


def test_markdown_of_the_source_has_no_notice() -> None:
    assert render_markdown(_ARTICLE, "fr").text.startswith("# Le titre\n\nUn début.\n")


def test_markdown_nests_and_numbers_lists() -> None:
    items = [("un", 1, True), ("sous", 2, False), ("deux", 1, True)]
    blocks = tuple(Block(Kind.ITEM, text, 4, 1, level, ordered) for text, level, ordered in items)
    rows = tuple(Row(Segment(n, Kind.ITEM, block.text, 1, ""), ()) for n, block in enumerate(blocks))
    publication = Publication(Article("essai", " 9. un", blocks), "fr", (), rows)
    assert render_markdown(publication, "fr").text == "9. un\n   - sous\n10. deux\n"


@given(_NASTY, st.sampled_from([Kind.TITLE, Kind.HEADING, Kind.PARAGRAPH, Kind.ITEM, Kind.QUOTATION, Kind.ASIDE]))
@example("1986. Une année", Kind.PARAGRAPH)
@example("# titre #", Kind.HEADING)
@example("- [ ] à faire", Kind.ITEM)
@example("--- --- ---", Kind.ITEM)
@example("&eacute; &#233; <b> ![x](y) [z]: u", Kind.PARAGRAPH)
@example("=====", Kind.PARAGRAPH)
@example("~~~ | a | b |", Kind.PARAGRAPH)
def test_markdown_reads_back_as_the_text(text: str, kind: Kind) -> None:
    shown = join_lines(text)
    markdown = render_markdown(_publish((kind, text, _draft("…"))), "fr").text
    tokens = MarkdownIt("commonmark").enable(["strikethrough", "table"]).parse(markdown)
    # markdown-it-py trims no-break spaces too, in some blocks; CommonMark trims spaces and tabs alone.
    assert "".join(_plain(token) for token in tokens if token.type == "inline").strip() == shown.strip()


def _plain(inline: Token) -> str:
    """Return the text of a block, which must be nothing but text."""
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    return "".join(child.content for child in inline.children or [])


def test_addresses_stay_readable_in_markdown() -> None:
    address = "https://example.org/a_b-c?d=1&e=#f_g"
    markdown = render_markdown(_publish((Kind.PARAGRAPH, address, _draft("…"))), "fr").text
    assert markdown == f"{address}\n".replace("&e", r"\&e")


def _table(publication: Publication) -> list[list[str]]:
    return list(csv.reader(io.StringIO(render_tsv(publication).text, newline=""), dialect="excel-tab"))


def test_tsv_has_a_row_a_segment() -> None:
    header, *rows = _table(_ARTICLE)
    assert header == ["id", "kind", "state_en", "fr", "en"]
    assert rows[0] == ["s1", "title", "reviewed", "Le titre", "The title"]
    assert rows[2] == ["s3", "paragraph", "empty", "Un début.", ""]
    assert len(rows) == 9


@pytest.mark.parametrize("text", ["=1+1", "+33", "- Bonjour.", "@moi", "\t=1+1"])
def test_tsv_runs_no_formula(text: str) -> None:
    assert _table(_publish((Kind.PARAGRAPH, text, _draft(text))))[1][3:] == [f"'{text.strip()}"] * 2


@given(_NASTY)
def test_tsv_reads_back_as_the_text(text: str) -> None:
    rows = _table(_publish((Kind.PARAGRAPH, text, _draft("…"))))
    assert rows[1][3].removeprefix("'") == join_lines(text).removeprefix("'")
    assert len(rows) == 2


def _units(publication: Publication, *, reviewed_only: bool) -> list[dict[str, tuple[str | None, str]]]:
    """Read a TMX file: for each unit, the state and text of each language."""
    root = ET.fromstring(render_tmx(publication, reviewed_only=reviewed_only).text.encode())  # noqa: S314 - our own
    return [
        {tuv.attrib[_LANGUAGE]: (tuv.findtext("prop"), tuv.findtext("seg", "")) for tuv in unit.iter("tuv")}
        for unit in root.iter("tu")
    ]


def test_tmx_holds_reviewed_text_alone() -> None:
    assert render_tmx(_ARTICLE, reviewed_only=True).name == "essai.tmx"
    assert _units(_ARTICLE, reviewed_only=True) == [
        {"fr": (None, "Le titre"), "en": ("reviewed", "The title")},
        {"fr": (None, "Rien."), "en": ("reviewed", "")},
    ]


def test_drafts_tmx_holds_every_text_with_its_state() -> None:
    assert render_tmx(_ARTICLE, reviewed_only=False).name == "essai.drafts.tmx"
    units = _units(_ARTICLE, reviewed_only=False)
    assert [unit["en"][0] for unit in units] == ["reviewed", "draft", "touched", *["draft"] * 4, "reviewed"]


def test_tmx_follows_the_document_type() -> None:
    # TMX 1.4b: header attributes that must be there; prop before seg; tuv in tu; no date.
    text = render_tmx(_ARTICLE, reviewed_only=False).text
    root = ET.fromstring(text.encode())  # noqa: S314 - our own
    header, body = root
    required = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert root.attrib == {"version": "1.4"}
    assert set(header.attrib) == required
    assert {child.tag for child in body} == {"tu"}
    assert {tuple(part.tag for part in tuv) for tuv in body.iter("tuv")} == {("seg",), ("prop", "seg")}
    assert not re.search(r"date|\d{8}T", text)


@given(_NASTY.filter(lambda text: text.strip()))
@example("a\x00\ud800\ufffe<b>&amp;]]>\r\n")
def test_tmx_reads_back_as_the_text(text: str) -> None:
    publication = _publish((Kind.PARAGRAPH, text, _draft("…")))
    publication = replace(publication, article=replace(publication.article, name='a & "b" <c>'))
    assert _units(publication, reviewed_only=False)[0]["fr"] == (None, drop_controls(text))


def test_same_input_gives_same_bytes() -> None:
    assert render_tmx(_ARTICLE, reviewed_only=False) == render_tmx(_ARTICLE, reviewed_only=False)
    assert render_tsv(_ARTICLE) == render_tsv(_ARTICLE)
    assert render_markdown(_ARTICLE, "en") == render_markdown(_ARTICLE, "en")
