"""Articles with markup on pages: what the source says, where it says it, and nothing that runs, loads or breaks out."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import lxml.html
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from pipeline.article import Markup
from pipeline.errors import SourceError
from pipeline.exports.source import Fields, render_content, render_source, write_front_matter
from pipeline.formats import parse_article
from pipeline.layout import render_translation
from pipeline.nodes import Outline, Piece
from pipeline.outline import outline_article
from pipeline.pages import render_pages
from pipeline.publication import Publication, Rendering, Row, State
from pipeline.richtext.plain import read_plain
from pipeline.segment import Segment, segment_article

CASES = Path(__file__).parent / "cases"
MARCHE = CASES / "richtext" / "marche.md"
CATALOGS = json.loads(MARCHE.with_suffix(".json").read_text(encoding="utf-8"))
ENGLISH, SPANISH = CATALOGS["en"], CATALOGS["es"]
REAL = sorted([*CASES.glob("markdown/real/*.md"), *CASES.glob("html/real/*.html")])
_VOID = {"meta", "link", "br", "hr", "wbr", "col"}
# What a page of ours has beside the text of an article; anything else would be the article's own.
_FORBIDDEN = {"script", "img", "iframe", "object", "embed", "form", "input", "svg", "base", "video", "audio"}


class Page(HTMLParser):
    """A page read strictly: every element is closed, in order, no id is there twice, no link in another."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open
        ids = [found["id"] for _, found in self.elements if "id" in found]
        assert len(ids) == len(set(ids))
        self.ids = set(ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "a" or "a" not in self.open
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "title"}:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def find(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]


def publish(
    source: str | bytes, suffix: str, translate: Callable[[Segment], str], state: State = State.REVIEWED
) -> Publication:
    data = source.encode() if isinstance(source, str) else source
    article = parse_article(data, Path(f"essai{suffix}"), "essai")
    texts = [(segment, translate(segment)) for segment in segment_article(article)]
    rows = tuple(Row(s, (Rendering(text, state if text else State.EMPTY),)) for s, text in texts)
    return Publication(article, "fr", ("en",), rows)


def publish_marche(catalog: dict[str, str]) -> Publication:
    return publish(MARCHE.read_bytes(), ".md", lambda s: catalog.get(s.text, "").removeprefix("~"))


def draw(publication: Publication) -> dict[str, Page]:
    """Read the pages, which must be whole, ask for nothing and run nothing, and lead somewhere."""
    pages = {file.name: Page(file.text) for file in render_pages(publication)}
    for page in pages.values():
        assert not _FORBIDDEN & {tag for tag, _ in page.elements}
        for _, found in page.elements:
            assert not [name for name in found if name.startswith("on") or name in {"style", "srcset", "background"}]
            target = found.get("href", "")
            assert not re.match(r"(?i)(?!https?:|mailto:|data:,)[^/?#]*:", target), target
            place, _, anchor = target.partition("#")
            assert not anchor or place not in {"", *pages} or anchor in pages.get(place, page).ids, target
    return pages


def read_elements(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of a page, whatever it is worth, as an HTML parser finds them."""
    elements = lxml.html.document_fromstring(text).iter(etree.Element)
    return [(str(element.tag), dict(element.attrib)) for element in elements]


def body(outline: Outline) -> str:
    return "".join(str(part.html if isinstance(part, Piece) else part) for part in outline.flow)


@pytest.mark.parametrize("path", REAL, ids=[path.name for path in REAL])
def test_every_segment_of_a_real_article_stands_whole_in_its_place(path: Path, shout: Callable[[Segment], str]) -> None:
    publication = publish(path.read_bytes(), path.suffix, shout)
    draw(publication)
    for language in ("fr", "en"):
        outline = outline_article(publication, language)
        pieces = [part for part in outline.flow if isinstance(part, Piece)]
        unseen = {piece.number for pieces in outline.unseen for piece in pieces}
        assert not outline.asides
        assert {p.number for p in (*outline.title, *pieces)} | unseen == set(range(1, len(publication.rows) + 1))
        assert len(pieces) == len({piece.number for piece in pieces})
        kinds = {publication.rows[number - 1].segment.kind for number in unseen}
        assert kinds <= {"metadata", "attribute"}


def test_markdown_is_drawn_as_it_is() -> None:
    publication = publish_marche(ENGLISH)
    pages = draw(publication)
    english, text = pages["en.html"], body(outline_article(publication, "en"))
    assert '<a href="https://journal.example/travaux" title="Our file">two years of works</a>' in text
    assert "<strong>reopened on Thursday</strong>" in text
    assert "<s>free</s>" in text
    assert re.search(r'<th class="right">Weekdays</th>\s*<th class="center">Weekend</th>', text)
    assert "# le marché est fermé\n</code></pre>" in text
    assert '{{&lt; carte lieu="halles" &gt;}}' in text
    assert "☑ The toilets are open." in text
    assert "☐" not in text  # the task that publishes nothing
    assert "<li></li>" not in text
    assert '<sup class="footnote-ref"><a href="#x-fn1" id="x-fnref1">[1]</a></sup>' in text
    assert "Before tax, says the <em>town hall</em>." in text
    assert '<a class="image" href="https://img.example/halles.jpg">The market hall seen from the square' in text
    assert '<span class="image">The fountain</span>' in text
    assert english.find("a", href="#le-calendrier")
    assert {"ce-qui-change", "les-tarifs-au-metre", "le-calendrier"} <= english.ids & pages["fr.html"].ids
    assert "After two years of works" in english.text  # a draft shows its front matter, below
    assert "title:" not in english.text


def test_segment_without_translation_stands_in_french_in_its_place() -> None:
    pages = draw(publish_marche(SPANISH))
    page = pages["en.html"]
    (found,) = page.find("span", id="s5")
    assert (found["lang"], found["class"]) == ("fr", "segment empty")
    assert "Cumplimos tous" not in page.text
    assert page.find("span", id="s17", **{"class": "segment reviewed"})
    assert "Les halles de Saint-Aubin ont rouvert jeudi" in page.text
    assert "Les halles" in pages["aligned.html"].text


def test_aligned_page_shows_markup_and_repeats_no_place() -> None:
    publication = publish_marche(ENGLISH)
    (aligned,) = (file.text for file in render_pages(publication) if file.name == "aligned.html")
    assert '<p class="text" lang="en">The <em>Saint-Aubin</em> market hall <strong>reopened on' in aligned
    assert "<code>budget-2023.ods</code>" in aligned
    assert "x-fn" not in aligned
    assert "See what follows and" in Page(aligned).text


def test_links_to_a_heading_beside_it_are_left_out() -> None:
    source = '<h1>Un</h1><h2 id="a b">Deux<a class="headerlink" href="#a b" title="Lien">¶</a></h2><p>Trois.</p>'
    text = body(outline_article(publish(source, ".html", lambda s: s.text), "fr"))
    assert text == '<h2 id="deux">Deux</h2><p>Trois.</p>'


def test_elements_that_a_parser_repeats_or_nests_stay_apart() -> None:
    for source in (
        "# T<b>\n",
        "**# T<a href=#x id=x>\n\nUn.\n",
        "T<a href=#x id=x>\n<table><tr><td><a href=#x>a</table>\n",
    ):
        draw(publish(source, ".md", lambda s: s.text))


def test_what_heads_or_defines_nothing_says_so() -> None:
    source = (
        "<h1>Un</h1><table><tr><th>&nbsp;</th><th>Deux</th></tr></table><dl><dt>Trois</dt></dl>"
        "<dl><dt>Quatre<dd>Cinq<dl><dt>Six</dl></dl>"
    )
    text = body(outline_article(publish(source, ".html", lambda s: s.text), "fr"))
    assert "<td></td><th>Deux</th>" in text
    assert "<ul><li>Trois</li></ul><dl><dt>Quatre</dt><dd>Cinq<ul><li>Six</li></ul></dd></dl>" in text


def test_html_is_drawn_without_what_is_around_its_article() -> None:
    source = (
        "<!doctype html><html lang=fr><head><title>Site</title><style>p { color: red }</style></head><body>"
        "<nav><a href=/>Accueil du site</a></nav><article><header><h1>Un <em>titre</em></h1></header>"
        '<p id=un class=x style="color: red" onclick="x()">Voir <a href="#fin">la fin</a> et <a href="/b.html">b</a>.'
        '<img src=//img.example/a.png alt="Une image"><iframe src="https://v.example/film"></iframe></p>'
        "<h3 id=fin>La fin</h3><table><tr><th>Un</th><td align=right>1</td></table></article>"
        "<footer>Mentions légales</footer><script>alert(1)</script></body></html>"
    )
    publication = publish(source, ".html", lambda s: s.text.replace("Voir", "See").replace("titre", "title"))
    outline = outline_article(publication, "en")
    assert [piece.html for piece in outline.title] == ["Un <em>title</em>"]
    assert [piece.text for pieces in outline.asides for piece in pieces] == ["Accueil du site", "Mentions légales"]
    text = body(outline)
    assert 'See <a href="#la-fin">la fin</a> et <a href="/b.html">b</a>.' in text
    assert '<a class="image" href="//img.example/a.png">Une image</a>' in text
    assert '<a class="media" href="https://v.example/film">film</a>' in text
    assert '<h2 id="la-fin">' in text
    assert "color" not in text
    assert draw(publication)["en.html"].find("h1")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></article></main></body><h1>Autre",
    "<b>non fermé <i>du tout",
    "<table><tr><td>case",
    "<svg onload=alert(1)><style>*{color:red}</style>",
    "<a href='javascript:alert(1)'>lien</a>",
    "[lien](javascript:alert(1))",
    "[lien](&#106;avascript:alert(1))",
    "![image](data:text/html,x)",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<!-- <noscript><p title='</noscript><script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "`code **gras",
    "\U0010ff0a\U0010ff01 \u1680\U0010ff0b\U0010ff09",
    '<a href="https://x.example/" id="s1" class="skip" style="position:fixed" name="text">lien</a>',
    "\x00\x1b\ud800 {{ 7 * 7 }}{% raw %}",
    "{{< gist a b >}} {{{% x %}} `{{< gist a b >}}` {% include_relative ../secret {{",
    "<title>x</title><textarea>",
]
MARKDOWN = "# Un titre\n\nPremière *phrase*. Deuxième phrase.\n\n| A b | C |\n|--|--|\n| Case un | d |\n\nLa fin.\n"
HTML = (
    "<h1>Un titre</h1><p>Première <em>phrase</em>. Deuxième phrase.</p>"
    "<table><tr><td>Case un</td></tr></table><p title='Une bulle'>La fin.</p>"
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("source", "suffix"), [(MARKDOWN, ".md"), (HTML, ".html")], ids=["Markdown", "HTML"])
def test_hostile_translation_is_harmless_and_stays_in_its_place(source: str, suffix: str, text: str) -> None:
    for wanted in ("Première *phrase*.", "Première <em>phrase</em>.", "Case un"):
        publication = publish(source, suffix, lambda s: text if s.text == wanted else s.text)  # noqa: B023 (called here)
        drawn = draw(publication)["en.html"]
        for number, row in enumerate(publication.rows, 1):
            if row.segment.text in {"La fin.", "Un titre"}:
                assert drawn.find("span", id=f"s{number}")
        assert drawn.text.endswith(("La fin.", "Une bulle"))
        written = [render_source(publication, "en").text, render_content(publication, "en", []).text]
        if suffix == ".md":
            written.append(str(render_translation(publication, "en", "hugo")))
        for content in written:
            assert not re.search(r"\{[{%]", content)
            page = MarkdownIt("commonmark", {"html": True}).render(content) if suffix == ".md" else content
            for tag, found in read_elements(page):
                assert tag not in _FORBIDDEN - {"img"}
                assert not [name for name in found if name.startswith("on") or name == "style"]
                assert "script:" not in found.get("href", "")


def test_calls_are_those_of_the_source() -> None:
    source = "Voir {{< figure src=a >}} et `{{ x }}`, $\\frac{{a}}{b}$."
    publication = publish(source, ".md", lambda s: s.text.replace("Voir", "See {% raw %}"))
    written = render_translation(publication, "en", "hugo")
    assert written is not None
    assert written.endswith(source.replace("Voir", "See &#123;% raw %}"))
    plain = publish("Voir ici.\n", ".txt", lambda _: "See {{< gist a >}} {% raw %}")
    written = render_content(plain, "en", []).text
    assert written.endswith("See {\\{\\< gist a >}} {\\% raw %}\n")
    assert MarkdownIt().renderInline(written.split("---")[-1].strip()) == "See {{&lt; gist a &gt;}} {% raw %}"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_article_is_harmless(text: str) -> None:
    for source, suffix in (
        (f"# Titre\n\n{text}\n\nLa fin.\n", ".md"),
        (f"<h1>Titre</h1>{text}<p>La fin.</p>", ".html"),
    ):
        data = source.encode("utf-8", "replace").replace(b"\0", b"")
        page = draw(publish(data, suffix, lambda s: s.text.upper()))["fr.html"]
        assert page.find("h1")


@given(st.text(st.one_of(st.sampled_from("*_[]()!`~<>/=\"'&;|\\#-+.:1ab é\u00a0\n"), st.characters()), max_size=60))
@example("<b><a href=x>")
@example("**a <b>c** d</b>")
@example("[a](b")
@example("\\")
def test_any_translation_leaves_its_page_whole(text: str) -> None:
    for source, suffix in ((MARKDOWN, ".md"), (HTML, ".html")):
        publication = publish(source, suffix, lambda s: text if s.text[:4] in {"Prem", "Deux"} else s.text)
        page = draw(publication)["en.html"]
        assert "La fin." in page.text
        assert page.find("h1")


_TAGS = (
    "<b> </b> <i> <a_href=#x_id=x> </a> <div> </div> <p> </p> <table> <tr> <td> <th> </table> <h1> <h2> </h2> <ul> "
    "<li> </ul> <dl> <dt> <dd> </dl> <br> <br><br> <img_src=a_alt='Une_image'> <article> </article> <main> <code> "
    "</code> <svg> <script> </script> <iframe_src=//x/y> </iframe> <button> <summary> <details> <blockquote> <pre>"
)
_MARKS = (
    "#_T ** * _ ` ~~ [a](b) [ ]( ! [^1] | \\ &amp; <!-- --> {{<_x_>}} $x$ $$ >_ -_ 1._ -_[_]_ ---\n [^1]:_ ```\n "
    "|_a_|_b_|\n|--|--|\n |_c_|_d_|\n"
)
_WORDS = ["mot", "_", "Un mot. Deux mots. ", " ", "\n", "\n\n", "    "]


def _shuffle(marks: str) -> st.SearchStrategy[str]:
    pieces = [mark.replace("_", " ") for mark in marks.split(" ")]
    return st.lists(st.sampled_from([*pieces, *_WORDS]), max_size=25).map("".join)


@given(
    st.one_of(st.tuples(_shuffle(f"{_MARKS} {_TAGS}"), st.just(".md")), st.tuples(_shuffle(_TAGS), st.just(".html")))
)
def test_any_article_is_drawn_with_all_its_segments(article: tuple[str, str]) -> None:
    source, suffix = article
    try:
        publication = publish(source, suffix, lambda s: s.text)
    except SourceError:
        return
    draw(publication)
    outline = outline_article(publication, "en")
    around = (piece for pieces in (*outline.asides, *outline.unseen) for piece in pieces)
    shown = {part.number for part in (*outline.title, *outline.flow, *around) if isinstance(part, Piece)}
    assert shown >= set(range(1, len(publication.rows) + 1))


def test_deep_nesting_and_long_lines_are_drawn() -> None:
    for source, suffix in (
        ("> " * 2000 + "Un texte.\n\n" + "*a " * 20_000 + "\n\n" + "[" * 5000 + "\n\nLa fin.\n", ".md"),
        ("<div>" * 5000 + "<p>Un texte." + "<b>a" * 5000 + "<p>La fin.", ".html"),
    ):
        publication = publish(source, suffix, lambda s: s.text)
        assert "La fin." in body(outline_article(publication, "fr"))


@pytest.mark.parametrize(
    ("text", "markup", "expected"),
    [
        ("Un **titre** *en* `code`", Markup.MARKDOWN, "Un titre en code"),
        ('[lié](https://x.example "t")[^1] &amp; \\*fin\\*', Markup.MARKDOWN, "lié & *fin*"),
        ("![Une image](a.png)<br>[a][b] $x$", Markup.MARKDOWN, "Une image a $x$"),
        ("<https://x.example> {{< y >}}.", Markup.MARKDOWN, "https://x.example ."),
        ("Un <b>titre</b> &amp; <code>a &lt; b</code><br>fin<script>x</script>", Markup.HTML, "Un titre & a < b fin"),
        ("Un **titre** &amp; <b>", Markup.NONE, "Un **titre** &amp; <b>"),
    ],
)
def test_text_as_it_is_read(text: str, markup: Markup, expected: str) -> None:
    assert read_plain(text, markup) == expected


def test_markdown_is_written_with_all_that_is_around_its_words() -> None:
    source = MARCHE.read_text(encoding="utf-8")
    assert render_source(publish_marche({}), "en").text == source.replace("lang: fr", "lang: en")
    file = render_source(publish_marche(ENGLISH), "en")
    assert file.name == "en.md"
    assert file.text.startswith('---\ntitle: "The *covered* market reopens"\ndescription: "After two years')
    assert "date: 2026-05-14\nlang: en\ntags: [trade, heritage]\n---\n\nThe *Saint-Aubin* market hall" in file.text
    assert "| Fresh fish |     5 € | **7 €**  |\n" in file.text
    assert "- [ ] \n\n1. Enter" in file.text
    assert 'def ouverture(jour: str) -> bool:\n    return jour != "lundi"  # le marché est fermé\n' in file.text
    assert "<empty>" not in file.text
    assert render_source(publish_marche(ENGLISH), "fr").text == source


def test_html_is_written_as_a_page_in_its_own_encoding() -> None:
    source = (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="iso-8859-1"><title>Été</title></head>'
        "<body><!-- rien --><p class=a>Un <b>été</b>.</p></body></html>\n"
    ).encode("cp1252")
    texts = {"Été": "Summer", "Un <b>été</b>.": "A <b>summer</b>, 夏."}
    file = render_source(publish(source, ".html", lambda s: texts[s.text]), "en")
    assert file.name == "en.page.html"
    assert file.data == (
        b'<!DOCTYPE html>\n<html lang="en"><head><meta charset="iso-8859-1"><title>Summer</title></head>'
        b"<body><!-- rien --><p class=a>A <b>summer</b>, &#22799;.</p></body></html>\n"
    )


def test_content_for_hugo_keeps_the_front_matter_that_is_there() -> None:
    fields: Fields = [("title", "T"), ("lang", "en"), ("draft", False), ("author", "")]
    assert write_front_matter("", fields) == '---\ntitle: "T"\nlang: "en"\ndraft: false\n---'
    assert write_front_matter("---\nTitle: A\n---\n", fields) == '---\nlang: "en"\ndraft: false\nTitle: A\n---\n'
    toml = '+++\ntitle = "A"\n[x]\nlang = "fr"\n+++\n'
    assert write_front_matter(toml, fields) == '+++\nlang = "en"\ndraft = false\n' + toml.removeprefix("+++\n")


@pytest.mark.parametrize(
    "source", ["# Un *titre*\n\nLe texte.\n", "Un *titre*\n====\n\nLe texte.\n", "\ufeff\n# Un *titre* #\nLe texte.\n"]
)
def test_title_of_content_goes_into_its_front_matter(source: str) -> None:
    publication = publish(source, ".md", lambda s: {"Le texte.": "The text."}.get(s.text, "A *title*"))
    file = render_content(publication, "en", [("title", "A title")])
    assert (file.name, file.text) == ("en.md", '---\ntitle: "A title"\n---\n\nThe text.\n')


def test_content_has_the_slug_of_its_language() -> None:
    publication = publish("---\nslug: { fr: un, en: one }\n---\nUn.\n", ".md", lambda _: "One.")
    assert render_content(publication, "en", [("slug", "one")]).text == '---\nslug: "one"\n---\n\nOne.\n'


def test_content_of_a_page_is_its_harmless_body() -> None:
    source = "<h1>Un titre</h1><p onclick=x>Le <b>texte</b>.</p><p>La fin.</p><script>x</script>"
    publication = publish(source, ".html", lambda s: {"Le <b>texte</b>.": "The <b>text</b>."}.get(s.text, ""))
    file = render_content(publication, "en", [("title", "A title")])
    assert file.name == "en.html"
    assert file.text == ('---\ntitle: "A title"\n---\n\n<p>The <b>text</b>.</p><p><span lang="fr">La fin.</span></p>\n')
