"""HTML: what is text and what is not, how a catalog shows it, and how a translation is written back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.article import Article, Kind, Markup
from pipeline.cli import main
from pipeline.errors import SourceError
from pipeline.formats import parse_article
from pipeline.formats.html import read_blocks
from pipeline.formats.marks import Role, find_marks
from pipeline.formats.rebuild import rebuild
from pipeline.formats.tags import read_tokens
from pipeline.segment import Segment, segment_article

CASES = Path(__file__).parent / "cases" / "html"


def article_of(source: str) -> Article:
    blocks, languages = read_blocks(source)
    return Article("essai", source, blocks, languages=languages)


def texts_of(source: str) -> list[str]:
    return [segment.text for segment in segment_article(article_of(source))]


def translate(source: str, *texts: str) -> str:
    """Return the source with a text for each of its segments."""
    article = article_of(source)
    segments = segment_article(article)
    assert len(segments) == len(texts), [segment.text for segment in segments]
    return rebuild(article, zip(segments, texts, strict=True)).decode()


def test_segments_of_a_page() -> None:
    result = CliRunner().invoke(main, ["segment", "--json", str(CASES / "page.html")])
    assert result.output == (CASES / "page.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "source",
    [
        "<script>'<p>mot</p>'</script>",
        "<style>mot</style>",
        "<pre>mot</pre>",
        "<p><code>mot</code></p>",
        "<svg><text>mot</text></svg>",
        "<template><p>mot</p></template>",
        "<textarea>mot</textarea>",
        "<!-- mot --><!doctype mot><?mot?></ mot>",
        '<p translate="no">mot</p>',
        "<p class='a notranslate'>mot</p>",
        "<p lang=en>word</p>",
        "<meta name=author content=mot>",
        "<a href=mot class=mot></a>",
        "<p>42</p>",
        "<p mot='mot",
        "<pre><p>mot</p><code>mot</code>",
    ],
)
def test_what_is_no_text(source: str) -> None:
    assert texts_of(source) == []


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<p>Un <b>mot. Deux</b> là. Trois.", ["Un <b>mot. Deux</b> là.", "Trois."]),
        ("<p><b>M.</b> Dupont dort. Bien.", ["<b>M.</b> Dupont dort.", "Bien."]),
        ("<p>Fin.<br>Suite", ["Fin.", "Suite"]),
        ("<p>Un<br>deux", ["Un<br>deux"]),
        ("<p>Un<br><br>deux", ["Un", "deux"]),
        ("<div><a href=x><b>Un mot</b></a></div>", ["Un mot"]),
        ("<p><img alt='Une image'>", ["Une image"]),
        ("<p>  C&#8217;est&nbsp;l&agrave; &lt;", ["C’est\u00a0là &lt;"]),
        ("<p>Un <svg><path/><title>x</title></svg> mot", ["Un <svg/> mot"]),
        ("<p lang=en>One <span lang=fr>mot</span><p>Deux", ["Deux"]),
        ("<html lang=en><p>Mot", ["Mot"]),
        ("Sans balise", ["Sans balise"]),
        ("<x-y>Un</x-y><x-y>Deux</x-y>", ["Un", "Deux"]),
        ("<p><code>non</p><p>Oui</p>", ["Oui"]),
        ("<p>3 < 4 et a<b", ["3 &lt; 4 et a"]),
        ("<p>Un titre <a href='#t'>¶</a></p>", ["Un titre"]),
    ],
)
def test_texts(source: str, texts: list[str]) -> None:
    assert texts_of(source) == texts


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("<p> L&#8217;eau&nbsp;: oui\n</p>", "It’s\u00a0so é", "<p> It&#8217;s&nbsp;so é\n</p>"),
        ("<p>Un <svg><g/></svg> mot", "A word <svg/>", "<p>A word <svg><g/></svg>"),
        ('<img alt="Un mot">', 'A "word" & R&D &amp;', '<img alt="A &quot;word&quot; & R&amp;D &amp;amp;">'),
        ("<img alt='Un mot'>", "It's", "<img alt='It&#39;s'>"),
        ("<img alt=mot>", "a word", '<img alt="a word">'),
        ("<title>Un &amp; deux</title>", "A < B & C", "<title>A &lt; B & C</title>"),
        ("<ul><li>Un\n  mot</ul>", "A\nword", "<ul><li>A word</ul>"),
    ],
)
def test_translations_are_written_as_what_they_say(source: str, text: str, expected: str) -> None:
    assert translate(source, text) == expected


def test_the_language_of_a_page_changes_with_it() -> None:
    article = article_of('<html lang="fr-FR" xml:lang=fr><p lang="en">Word</p>')
    assert rebuild(article, [], "es").decode() == '<html lang="es" xml:lang=es><p lang="en">Word</p>'


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("<meta charset=utf-8><p>été".encode(), "utf-8"),
        ("\ufeff<meta charset=latin-1><p>été".encode(), "utf-8-sig"),
        ("<meta http-equiv=content-type content='text/html; charset=iso-8859-1'><p>été".encode("cp1252"), "cp1252"),
        ("<?xml version='1.0' encoding='iso-8859-15'?><p>été".encode("iso-8859-15"), "iso8859-15"),
        ("<p>été".encode("cp1252"), "cp1252"),
        ("<p>été".encode(), "utf-8"),
    ],
)
def test_encodings(data: bytes, encoding: str, tmp_path: Path) -> None:
    article = parse_article(data, tmp_path / "a.html", "a")
    (segment,) = segment_article(article)
    assert (segment.text, article.encoding) == ("été", encoding)
    assert rebuild(article, [(segment, "été")]) == data
    codec = encoding.removesuffix("-sig")
    added = data.replace("été".encode(codec), "Ω".encode(codec, "xmlcharrefreplace"))
    assert rebuild(article, [(segment, "Ω")]) == added


def test_an_encoding_that_is_not_what_it_says(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.html:1: is not UTF-8 \(byte 0xe9 at column 24\); save it as UTF-8"):
        parse_article("<meta charset=utf-8><p>été".encode("cp1252"), tmp_path / "a.html", "a")


def test_kinds_and_places() -> None:
    source = (
        "<title>Page</title>\n<h2>Un</h2>\n<h1>Titre</h1>\n<blockquote>\n<p>Cité</blockquote><ol><li>A<ul><li>B</ul></ol>"
        "<table><td>C</table><aside>D</aside>"
    )
    assert [(b.kind, b.text, b.line, b.level, b.ordered) for b in read_blocks(source)[0]] == [
        (Kind.METADATA, "Page", 1, 0, False),
        (Kind.HEADING, "Un", 2, 2, False),
        (Kind.TITLE, "Titre", 3, 1, False),
        (Kind.QUOTATION, "Cité", 5, 0, False),
        (Kind.ITEM, "A", 5, 1, True),
        (Kind.ITEM, "B", 5, 2, False),
        (Kind.CELL, "C", 5, 0, False),
        (Kind.ASIDE, "D", 5, 0, False),
    ]
    assert article_of("<title>Page</title><p>Mot").title == "Page"


def test_marks() -> None:
    text = "Un <b>mot</b> <code>a <i>b</i></code><br> <i>seul <!-- c --> <span translate=no>X</span> </u>"
    found = [(mark.role, text[mark.start : mark.end], mark.partner) for mark in find_marks(text, Markup.HTML)]
    assert found == [
        (Role.OPEN, "<b>", 1),
        (Role.CLOSE, "</b>", 0),
        (Role.WORD, "<code>a <i>b</i></code>", 2),
        (Role.SILENT, "<br>", 3),
        (Role.SILENT, "<i>", 4),
        (Role.SILENT, "<!-- c -->", 5),
        (Role.WORD, "<span translate=no>X</span>", 6),
        (Role.SILENT, "</u>", 7),
    ]


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<code>",
        "</code>",
        "<svg>",
        "</svg>",
        "<br>",
        "<img alt='mot'>",
        "mot. ",
        "Deux ",
        "&eacute;",
        "&lt;",
        "<!-- c -->",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "<a href=x title='T u'>",
        "</a>",
        "<span translate=no>",
        "</span>",
        "<script>",
        "</script>",
        "<li>",
        "<ul>",
        "</ul>",
        "<title>",
        "</title>",
        "<p lang=en>",
        "<",
        "<b ",
        "\n",
        "  ",
        "<td>",
        "<p translate=yes>",
        "&#8217;",
        "<x-y>",
        "</",
        '<a title="',
        "&",
    ]
)


@example(["<span translate=no>", "\r0", "<p translate=yes>", "A"])
@given(st.lists(PIECES | st.text(max_size=5), max_size=15))
def test_any_page_is_read_and_written_back(shout: Callable[[Segment], str], pieces: list[str]) -> None:
    source = "".join(pieces)
    assert "".join(source[token.start : token.end] for token in read_tokens(source, 0, len(source))) == source
    article = article_of(source)
    at = 0
    for block in article.blocks:
        assert at <= block.start < block.end <= len(source)
        at = block.end
    segments = segment_article(article)
    assert rebuild(article, [(segment, segment.text) for segment in segments]) == source.encode(
        errors="xmlcharrefreplace"
    )
    # Other words are text in the same places.
    again = article_of(rebuild(article, [(segment, shout(segment)) for segment in segments]).decode())
    assert [block.kind for block in again.blocks] == [block.kind for block in article.blocks]


UNITS = [
    "<p>Une <a href='x'>phrase</a>&nbsp;: oui. Non.</p>\n",
    "<div>",
    "<p>a<span>",
    "<code>",
    "<b ",
    "<b><i>a</b></i>",
    "<",
    "<!--",
    "<script>",
    '<a href="',
    "&eacute;a ",
    "a<br>",
    "a<br><br>",
    "<br>",
    " \n",
    "</b></p><div>",
    "<svg>",
    "<tr><td>Mot</td>",
    "<a =",
    "<p lang ",
    "<ul><li>mot",
    "<title>mot",
    "<p title='a'>",
    "<a title=mot>",
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_length_alone(unit: str, is_linear: Callable[[Callable[[int], object], int], bool]) -> None:
    def read_and_rebuild(count: int) -> None:
        article = article_of("<p>mot" + unit * count)
        rebuild(article, [(segment, "X") for segment in segment_article(article)])

    assert is_linear(read_and_rebuild, 1000)
