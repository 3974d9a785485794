"""Author and date of an article, as front matter and pages say them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.article import Metadata
from pipeline.formats import parse_article
from pipeline.formats.metadata import read_date, read_front_matter_metadata, read_page_metadata

if TYPE_CHECKING:
    from conftest import Newsroom


@pytest.mark.parametrize(
    ("matter", "author", "date"),
    [
        ("---\nauthor: Jeanne Dupont\ndate: 2026-01-31\n---\n", "Jeanne Dupont", "2026-01-31"),
        ("---\nAuthor: 'É. Zola'\nDate: 2026-01-31 10:05:00 +0100\n---\n", "É. Zola", "2026-01-31T10:05:00+01:00"),
        ("---\nauthors:\n  - name: A. Un\n    url: /a\n  - B. Deux\n---\n", "A. Un, B. Deux", ""),
        ("---\nauthor: {name: A. Un}\ndate: 2026-1-3T9:05:00Z\n---\n", "A. Un", "2026-01-03T09:05:00+00:00"),
        ("---\nparams:\n  author: A. Un\npublishDate: 2026-01-31\n---\n", "A. Un", "2026-01-31"),
        ("---\nauthor: &a [A, B]\neditors: *a\n---\n", "A, B", ""),
        ("---\nauthor: [A, [B, C], {x: 1}, 3, null]\n---\n", "A", ""),
        ("---\nauthor: 3\ndate:\n---\n", "", ""),
        ('+++\nauthor = "A. Un"\ndate = 2026-01-31\n+++\n', "A. Un", "2026-01-31"),
        (
            "+++\ndate = 2026-01-31T10:00:00+01:00\n[params]\nauthors = ['A', 'B']\n+++\n",
            "A, B",
            "2026-01-31T10:00:00+01:00",
        ),
        ("+++\n[author]\nname = 'A. Un'\n+++\n", "A. Un", ""),
        ("---\nauthor: [\n---\n", "", ""),
        ("texte\n\nauthor: non\n", "", ""),
    ],
)
def test_front_matter(matter: str, author: str, date: str) -> None:
    assert read_front_matter_metadata(matter + "Bonjour.\n") == Metadata(author, date)


@pytest.mark.parametrize(
    ("matter", "faults"),
    [
        ("---\ntitle: x\ndate: demain\n---\n", (":3: “demain” is no date",)),
        ("---\ndate: 2026-02-31\n---\n", (":2: “2026-02-31” is no date",)),
        ('+++\ntitle = "x"\ndate = "31/01/2026"\n+++\n', (":3: “31/01/2026” is no date",)),
        ("---\ndate: demain\npubDate: 2026-01-31\n---\n", ()),
    ],
)
def test_date_that_is_none_is_named_and_left_out(matter: str, faults: tuple[str, ...]) -> None:
    metadata = read_front_matter_metadata(matter)
    assert (metadata.faults, metadata.date) == (faults, "" if faults else "2026-01-31")


@pytest.mark.parametrize(
    ("page", "author", "date"),
    [
        ('<meta name="author" content="J.&nbsp;Dupont">', "J. Dupont", ""),
        ("<META NAME=Author CONTENT='A'><meta name=author content=B>", "A", ""),
        ('<meta property="article:author" content="https://example.org/a">', "", ""),
        (
            '<meta property="article:published_time" content="2026-01-31T08:00:00+01:00">',
            "",
            "2026-01-31T08:00:00+01:00",
        ),
        ('<meta name="date" content="Sat, 31 Jan 2026 10:00:00 GMT">', "", "2026-01-31T10:00:00+00:00"),
        ('<time datetime="2025-01-01">hier</time><article><time datetime="2026-01-31">', "", "2026-01-31"),
        ('<time itemprop="datePublished" datetime="2026-01-31">', "", "2026-01-31"),
        (
            (
                '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "author": "X"}, {"@type": '
                '["NewsArticle"], "author": [{"name": "A"}, {"name": "B"}], "datePublished": "2026-01-31"}]}</script>'
            ),
            "A, B",
            "2026-01-31",
        ),
        ('<script type="application/ld+json">{"@type": "Article", "author": </script>', "", ""),
        ('<script>var a = {"@type": "Article", "author": "A"}</script>', "", ""),
        ('<!-- <meta name="author" content="A"> --><meta name="author">', "", ""),
    ],
)
def test_page(page: str, author: str, date: str) -> None:
    assert read_page_metadata(page) == Metadata(author, date)


def test_fault_of_a_page_has_its_line() -> None:
    assert read_page_metadata('<html>\n<meta name="date" content="x &amp; y">').faults == (":2: “x & y” is no date",)


def test_posts_of_jekyll_have_their_date_in_their_name() -> None:
    path = Path("_posts/2026-01-31-bonjour.md")
    assert parse_article(b"Bonjour.\n", path, path.stem).metadata.date == "2026-01-31"
    assert parse_article(b"---\ndate: 2026-02-01\n---\nBonjour.\n", path, path.stem).metadata.date == "2026-02-01"
    assert parse_article(b"Bonjour.\n", Path("2026-99-99-a.md"), "2026-99-99-a").metadata == Metadata()


@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    date = read_date(text)
    assert date == read_date(date)


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-31T25:00", "20260131"]
)
def test_dates_that_no_page_can_show(date: str) -> None:
    assert read_date(date) == ""


def test_evil_yaml_costs_no_time() -> None:
    bomb = "a: &a [" + "x, " * 2000 + "]\nb: &b [" + "*a, " * 2000 + "]\nauthor: [" + "*b, " * 2000 + "]\n"
    assert read_front_matter_metadata(f"---\n{bomb}---\n") == Metadata()


def test_site_shows_what_the_article_says_unless_the_settings_do(newsroom: "Newsroom") -> None:
    from pipeline.settings import load_settings  # noqa: PLC0415
    from pipeline.site.publish import publish_site  # noqa: PLC0415

    folder = newsroom.add_article("essai", "x", en={"Bonjour.": "Hello."})
    (folder / "fr.txt").unlink()
    matter = '---\nauthor: "Jeanne <b>"\ndate: 2026-01-31 08:00:00 +0100\n---\n'
    (folder / "fr.md").write_text(f"{matter}Bonjour.\n", encoding="utf-8")

    def page() -> str:
        publish_site(load_settings(newsroom.path))
        return (newsroom.site / "essai" / "en.html").read_text(encoding="utf-8")

    newsroom.configure('[site]\nbase_url = "https://example.org/"\n')
    text = page()
    assert '<meta name="author" content="Jeanne &lt;b&gt;">' in text
    assert '<time datetime="2026-01-31T08:00:00+01:00">' in text
    assert '"datePublished": "2026-01-31T08:00:00+01:00"' in text
    feed = (newsroom.site / "feed.en.xml").read_text(encoding="utf-8")
    assert "<published>2026-01-31T07:00:00Z</published>" in feed
    assert "<name>Jeanne &lt;b&gt;</name>" in feed
    newsroom.configure('[articles.essai]\nauthor = "Paul"\n')
    text = page()
    assert '<meta name="author" content="Paul">' in text
    assert '<time datetime="2026-01-31T08:00:00+01:00">' in text
