"""What is published: reviewed text and nothing else, under addresses that lead somewhere."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from pipeline.cli import main

if TYPE_CHECKING:
    from conftest import Newsroom

BASE = "https://journal.example/monde/"
SITE = f'[site]\nbase_url = "{BASE}"\nname = "Le Journal"\n'
SOURCE = "Le titre\n\nUn chat dort. Un chien court.\n\n## La suite\n\nLe texte finit ici.\n"
ENGLISH = {
    "Le titre": "The title",
    "Un chat dort.": "A cat sleeps.",
    "Un chien court.": "A dog runs.",
    "La suite": "What follows",
    "Le texte finit ici.": "The text ends here.",
}
SPANISH = {
    "Le titre": "El título",
    "Un chat dort.": "Un gato duerme.",
    "Un chien court.": "Un perro corre.",
    "La suite": "Lo que sigue",
    "Le texte finit ici.": "El texto acaba aquí.",
}


class Page(HTMLParser):
    """A page of the site: its elements and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append((self.open[-1] if self.open else "", data))

    def find(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]

    def words(self) -> str:
        return " ".join("".join(text for tag, text in self.text if tag not in {"script", "title"}).split())

    def data(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads("".join(text for tag, text in self.text if tag == "script"))


def publish(newsroom: "Newsroom", *arguments: str) -> Result:
    result = CliRunner().invoke(main, ["publish", "--workspace", str(newsroom.path), *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def read_all(newsroom: "Newsroom") -> dict[str, Page]:
    return {path.relative_to(newsroom.site).as_posix(): Page(path) for path in sorted(newsroom.site.rglob("*.html"))}


def assert_whole(newsroom: "Newsroom") -> dict[str, Page]:
    """Check that every link leads to a page and a place that exist, and that every hreflang is answered."""
    pages = read_all(newsroom)
    for path, page in pages.items():
        ids = [found["id"] for _, found in page.elements if "id" in found]
        assert len(ids) == len(set(ids)), path
        for tag, found in page.elements:
            target = found.get("href") or found.get("src")
            if not target or (tag == "link" and found["rel"] in {"canonical", "alternate"}):
                continue
            place, _, anchor = urljoin(f"http://site/{quote(path)}", target).removeprefix("http://site/").partition("#")
            if ":" in place:  # elsewhere
                continue
            place = unquote(place)
            assert (newsroom.site / place).is_file(), (path, target)
            assert not anchor or f'id="{anchor}"' in pages[place].source, (path, target)
        for alternate in page.find("link", rel="alternate"):
            if alternate.get("hreflang", "x-default") != "x-default":
                other = pages[local(alternate["href"])]
                answers = [found["href"] for found in other.find("link", rel="alternate") if "hreflang" in found]
                assert address(path) in answers, (path, alternate["href"])
    return pages


def address(path: str) -> str:
    return BASE + ("" if path == "index.html" else quote(path))


def local(target: str) -> str:
    return unquote(target.removeprefix(BASE)) or "index.html"


def test_reviewed_text_is_published_and_nothing_else(newsroom: "Newsroom") -> None:
    english = ENGLISH | {"Un chien court.": "~A dog runneth."}
    newsroom.add_article("essai", SOURCE, en=english, es=SPANISH | {"Un chat dort.": "<empty>"})
    newsroom.configure(SITE)
    result = publish(newsroom, "--keep", "70")
    assert result.exit_code == 0
    pages = assert_whole(newsroom)
    page = pages["essai/en.html"]
    assert "A cat sleeps. Un chien court." in page.words()
    assert page.find("span", id="s3", lang="fr")
    assert "have not been translated yet" in page.words()
    assert not any("runneth" in other.source for other in pages.values())
    assert "Un gato duerme" not in pages["essai/es.html"].source
    assert not pages["essai/es.html"].find("span", id="s2")
    assert "Un chat dort" not in pages["essai/es.html"].words()
    assert not page.find("meta", name="robots")


def test_language_below_the_threshold_is_absent_and_said(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH, es={"Le titre": "El título"})
    newsroom.configure(SITE)
    result = publish(newsroom)
    assert result.exit_code == 1
    assert result.stdout.startswith("essai: es is 14 % reviewed, less than 80 %: not published\n")
    pages = assert_whole(newsroom)
    assert sorted(pages) == ["essai/aligned.html", "essai/en.html", "essai/fr.html", "index.en.html", "index.html"]
    assert "El título" not in pages["essai/aligned.html"].source
    assert "Español" not in pages["essai/fr.html"].source
    assert json.loads(publish(newsroom, "--json").stdout)["held"] == [
        {"article": "essai", "language": "es", "reviewed_words": 2, "words": 14, "has_page": False}
    ]


def test_threshold_counts_words_and_is_reached_exactly(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", "Un deux trois quatre.\n\nCinq.\n", en={"Un deux trois quatre.": "One to four."})
    assert publish(newsroom, "--keep", "80").exit_code == 0
    assert publish(newsroom, "--keep", "81").exit_code == 1


def test_page_that_falls_below_the_threshold_is_left_as_it_was(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH, es=SPANISH)
    newsroom.configure(SITE)
    assert publish(newsroom).exit_code == 0
    before = (newsroom.site / "essai" / "es.html").read_bytes()
    newsroom.write_catalog("essai", "es", {key: f"~{text}" for key, text in SPANISH.items()})
    newsroom.write_catalog("essai", "en", ENGLISH | {"Le titre": "Another title"})
    result = publish(newsroom)
    assert result.exit_code == 1
    assert "its page is left as it was" in result.stdout
    assert (newsroom.site / "essai" / "es.html").read_bytes() == before
    pages = assert_whole(newsroom)
    assert "Another title" in pages["essai/en.html"].words()
    assert pages["essai/en.html"].find("link", hreflang="es")
    assert "essai" in pages["index.es.html"].source
    # A page that offers one which is no more goes with it.
    (newsroom.path / "translations" / "essai" / "en.po").unlink()
    publish(newsroom)
    assert sorted(assert_whole(newsroom)) == ["essai/fr.html", "index.html"]


def test_new_language_beside_a_page_left_as_it_was(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, es=SPANISH)
    newsroom.configure(SITE)
    assert publish(newsroom).exit_code == 0
    newsroom.write_catalog("essai", "es", {})
    newsroom.write_catalog("essai", "en", ENGLISH)
    assert publish(newsroom).exit_code == 1
    pages = assert_whole(newsroom)
    # The Spanish page cannot name the English one, so no search engine may be told that it does.
    assert not pages["essai/en.html"].find("link", hreflang="es")
    assert pages["essai/fr.html"].find("link", hreflang="es")
    assert pages["essai/en.html"].find("a", hreflang="es")


def test_draft_is_marked_and_kept_from_search_engines(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH | {"Un chien court.": "~A dog runneth."}, es=SPANISH)
    newsroom.configure(SITE)
    assert publish(newsroom, "--draft").exit_code == 0
    pages = assert_whole(newsroom)
    page = pages["essai/en.html"]
    assert "Machine draft, review under way" in page.words()
    assert "A dog runneth." in page.words()
    assert [found["class"] for found in page.find("a") if "mark" in found.get("class", "")] == ["mark touched"]
    assert page.find("meta", name="robots", content="noindex")
    assert pages["essai/aligned.html"].find("meta", name="robots", content="noindex")
    assert not page.find("link", rel="canonical")
    assert not pages["essai/fr.html"].find("meta", name="robots")
    assert not pages["essai/fr.html"].find("link", hreflang="en")
    assert not pages["essai/es.html"].find("meta", name="robots")
    for name in ("sitemap.xml", "feed.en.xml"):
        assert "essai/en.html" not in (newsroom.site / name).read_text(encoding="utf-8")
    # What was a draft does not stay when drafts are no longer asked for.
    assert publish(newsroom, "--keep", "90").exit_code == 1
    assert "essai/en.html" not in assert_whole(newsroom)


def test_switcher_offers_what_there_is(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    newsroom.add_article("seul", SOURCE)
    publish(newsroom)
    pages = assert_whole(newsroom)
    links = [found["href"] for found in pages["essai/en.html"].find("a") if "hreflang" in found]
    assert links[:2] == ["../essai/fr.html", "../essai/en.html"]
    assert "Langues" not in pages["seul/fr.html"].source


def test_heading_ids_are_the_same_in_every_language(newsroom: "Newsroom") -> None:
    source = "Titre\n\n## Été & hiver\n\nUn.\n\n## Été & hiver\n\nDeux.\n\n## S1\n\nTrois.\n\n## ???\n\nQuatre.\n"
    english = {"Été & hiver": "Summer", "S1": "<empty>", "???": "Why?", "Un.": "One.", "Titre": "T"}
    newsroom.add_article("essai", source, en=english, es={"Été & hiver": "Verano"})
    publish(newsroom, "--keep", "0")
    pages = assert_whole(newsroom)
    ids = ["ete-hiver", "ete-hiver-2", "section-s1", "section"]
    for language, expected in (("fr", ids), ("es", ids), ("en", ids[:2] + ids[3:])):
        assert [found["id"] for found in pages[f"essai/{language}.html"].find("h2")] == expected


def test_search_engines_and_networks_are_told(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH, es=SPANISH)
    newsroom.write_catalog("essai", "en", ENGLISH, date="2026-11-20 09:30+0100")
    settings = '[articles.essai]\nauthor = "Ana"\ndate = 2026-01-31\nslug = { en = "a-cat", es = "un-gato" }\n'
    newsroom.configure(SITE + settings)
    assert publish(newsroom).exit_code == 0
    pages = assert_whole(newsroom)
    page = pages["a-cat/en.html"]
    expected = {"fr": "essai/fr.html", "en": "a-cat/en.html", "es": "un-gato/es.html", "x-default": "essai/fr.html"}
    for path in list(expected.values())[:3]:
        found = {x["hreflang"]: x["href"] for x in pages[path].find("link", rel="alternate") if "hreflang" in x}
        assert found == {language: BASE + target for language, target in expected.items()}
        assert pages[path].find("link", rel="canonical", href=BASE + path)
    assert page.find("meta", property="og:locale", content="en_US")
    assert page.find("meta", property="og:title", content="The title")
    data = page.data()
    assert (data["@type"], data["inLanguage"], data["headline"]) == ("NewsArticle", "en", "The title")
    assert (data["datePublished"], data["dateModified"]) == ("2026-01-31", "2026-11-20T09:30:00+01:00")
    assert data["translationOfWork"]["@id"] == f"{BASE}essai/fr.html"
    assert [work["inLanguage"] for work in pages["essai/fr.html"].data()["workTranslation"]] == ["en", "es"]
    assert "By Ana · January 31, 2026 · Updated November 20, 2026".replace(" ·", "") in page.words()
    sitemap = etree.parse(newsroom.site / "sitemap.xml")
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    entries = {
        url.findtext("s:loc", namespaces=names): {
            x.get("hreflang"): x.get("href") for x in url.findall("x:link", names)
        }
        for url in sitemap.findall("s:url", names)
    }
    assert set(entries) == {address(path) for path in pages if not path.endswith("aligned.html")}
    assert entries[f"{BASE}a-cat/en.html"] == {language: BASE + target for language, target in expected.items()}


def test_slugs_and_texts_of_front_matter_are_told_too(newsroom: "Newsroom") -> None:
    """Markdown and pages beside plain text: every alternate is right, in the pages and in the sitemap."""
    texts = {"Le titre": "The title", "Un mot.": "A word."}
    for name, matter in (
        ("bloc", "---\nslug:\n  en: the-title\n  es: ../x\n---\n"),
        ("ligne", "---\ntitle: Le titre\nslug: 'une-ligne' # ici\n---\n"),
        ("toml", '+++\nslug = { fr = "en-toml", en = "in-toml" }\n+++\n'),
        ("regle", "---\nslug: autre\n---\n"),
        ("liste", "---\nslug: [a, b]\n---\n"),
        ("casse", '+++\nslug = "\n+++\n'),
    ):
        newsroom.add_article(name, f"{matter}# Le titre\n\nUn mot.\n", "md", en=texts)
    newsroom.add_article("page", "<h1>Le titre</h1><p>Un mot.</p>", "html", en=texts)
    newsroom.configure(SITE + '[articles.regle]\nslug = { en = "the-rule" }\n')
    result = publish(newsroom, "--keep", "20")
    assert result.exit_code == 0
    fault = "translations/bloc/fr.md: “../x” is no slug: write letters, digits and hyphens; left out\n"
    assert fault in result.stderr
    pages = assert_whole(newsroom)
    expected = {
        "bloc": ("bloc", "the-title"),
        "ligne": ("une-ligne", "une-ligne"),
        "toml": ("en-toml", "in-toml"),
        "regle": ("regle", "the-rule"),
        "liste": ("liste", "liste"),
        "casse": ("casse", "casse"),
        "page": ("page", "page"),
    }
    sitemap = etree.parse(newsroom.site / "sitemap.xml").getroot()
    for french, english in expected.values():
        both = {
            "fr": f"{BASE}{french}/fr.html",
            "en": f"{BASE}{english}/en.html",
            "x-default": f"{BASE}{french}/fr.html",
        }
        for path in (f"{french}/fr.html", f"{english}/en.html"):
            links = {x["hreflang"]: x["href"] for x in pages[path].find("link", rel="alternate") if "hreflang" in x}
            (url,) = (url for url in sitemap if url.findtext("{*}loc") == BASE + path)
            assert links == {x.get("hreflang"): x.get("href") for x in url.findall("{*}link")} == both
    # Another one is found without any other change, and the page of before goes.
    source = newsroom.path / "translations" / "page" / "fr.html"
    source.unlink()
    newsroom.add_article("page", "---\nslug: neuve\n---\n# Le titre\n\nUn mot.\n", "md")
    assert publish(newsroom, "page", "--keep", "20").exit_code == 0
    assert {path for path in assert_whole(newsroom) if path.startswith(("page/", "neuve/"))} == {
        "neuve/fr.html",
        "neuve/en.html",
        "neuve/aligned.html",
    }
    newsroom.add_article("bloc", "---\nslug: neuve\n---\nUn mot.\n", "md")
    assert "the pages of “page” cannot stand in “neuve”: “bloc” has it" in publish(newsroom).stderr


def test_feed_is_atom_with_the_newest_first(newsroom: "Newsroom") -> None:
    for number in range(1, 26):
        newsroom.add_article(
            f"n{number}", f"Titre {number}\n\nUn & deux.\n", en={f"Titre {number}": "T", "Un & deux.": "&"}
        )
    dates = "".join(f"[articles.n{number}]\ndate = 2026-01-{number:02}\n" for number in range(1, 26))
    newsroom.configure(SITE + dates)
    publish(newsroom)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    feed = etree.parse(newsroom.site / "feed.fr.xml").getroot()
    titles = [title.text for title in feed.findall("a:entry/a:title", atom)]
    assert titles == [f"Titre {number}" for number in range(25, 5, -1)]
    assert feed.findtext("a:updated", namespaces=atom) == "2026-01-25T00:00:00Z"
    assert feed.find("a:entry/a:link", atom).get("href") == f"{BASE}n25/fr.html"
    assert feed.findtext("a:entry/a:summary", namespaces=atom) == "Un & deux."
    index = assert_whole(newsroom)["index.html"].words()
    assert index.index("Titre 25") < index.index("Titre 6") < index.index("Plus anciens") < index.index("Titre 5")


def test_without_base_url_nothing_claims_an_address(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    result = publish(newsroom)
    assert (result.exit_code, "no base_url" in result.stderr) == (0, True)
    pages = assert_whole(newsroom)
    assert not any(page.find("link", rel="canonical") or page.find("link", rel="alternate") for page in pages.values())
    assert not list(newsroom.site.glob("feed*")) + list(newsroom.site.glob("sitemap*"))
    assert (newsroom.site / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{ 7 * 7 }} javascript:alert(1)"


def test_hostile_texts_are_harmless(newsroom: "Newsroom") -> None:
    name = "l'été & {{ 7 }} %2e%2e #1"
    catalog = dict.fromkeys(ENGLISH, HOSTILE)
    newsroom.add_article(name, f"{HOSTILE}\n\n## {HOSTILE}\n\nUn chat dort.\n", en=catalog, es=catalog)
    text = json.dumps(HOSTILE)
    site = f'[site]\nbase_url = "{BASE}"\nname = {text}\ndescription = {text}\n[articles.{json.dumps(name)}]\n'
    newsroom.configure(f"{site}author = {text}\n")
    publish(newsroom, "--keep", "0")
    for page in assert_whole(newsroom).values():
        assert not page.find("img")
        assert {found.get("type") or found.get("src") for found in page.find("script")} <= {
            "application/ld+json",
            *(asset["src"] for asset in page.find("script", defer="")),
        }
        for _, found in page.elements:
            assert not [key for key in found if key.startswith("on") or key == "style"]
    assert assert_whole(newsroom)[f"{name}/en.html"].data()["author"]["name"] == HOSTILE
    for path in newsroom.site.glob("*.xml"):
        etree.parse(path)


@pytest.mark.parametrize("name", ["<script>", 'a"b', "a:b", "a\\b"])
def test_hostile_article_name_is_refused(newsroom: "Newsroom", name: str) -> None:
    newsroom.add_article(name, SOURCE)
    newsroom.add_article("essai", SOURCE)
    result = publish(newsroom)
    assert (result.exit_code, "cannot name an article" in result.stderr) == (1, True)
    assert sorted(read_all(newsroom)) == ["essai/fr.html", "index.html"]


def test_broken_catalog_leaves_its_pages(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    newsroom.add_article("autre", SOURCE, en=ENGLISH)
    publish(newsroom)
    before = read_all(newsroom)
    with (newsroom.path / "translations" / "essai" / "en.po").open("a", encoding="utf-8") as file:
        file.write("<<<<<<< HEAD\n")
    newsroom.write_catalog("autre", "en", ENGLISH | {"Le titre": "Changed"})
    result = publish(newsroom)
    assert (result.exit_code, "has conflict markers" in result.stderr) == (1, True)
    after = assert_whole(newsroom)
    assert after["essai/en.html"].source == before["essai/en.html"].source
    assert "Changed" in after["autre/en.html"].words()


def test_two_pages_of_one_path_are_refused(newsroom: "Newsroom") -> None:
    newsroom.add_article("un", SOURCE, en=ENGLISH)
    newsroom.add_article("deux", SOURCE, en=ENGLISH)
    newsroom.configure('[articles.un]\nslug = { en = "Deux" }')
    assert "“deux” has it" in publish(newsroom).stderr
    newsroom.add_article("sitemap.xml", SOURCE)
    newsroom.configure("")
    assert "the site needs it for itself" in publish(newsroom).stderr
    assert not newsroom.site.exists()
    newsroom.configure('[articles."sitemap.xml"]\nslug = "plan"')
    assert publish(newsroom).exit_code == 0
    assert "plan/fr.html" in assert_whole(newsroom)


def test_language_that_we_have_no_words_for(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, de={"Le titre": "Der Titel", "La suite": "~Folge"})
    publish(newsroom, "--draft")
    page = assert_whole(newsroom)["essai/de.html"]
    assert page.find("html", lang="de")
    assert page.find("header", lang="en")
    assert page.find("a", href="#text", lang="en")
    newsroom.configure('[site.words.de]\nhome = "Alle Artikel"')
    publish(newsroom, "--draft")
    assert Page(newsroom.site / "essai" / "de.html").find("header", **{"class": "masthead"})[0].get("lang") is None


def test_words_and_navigation_are_the_newsrooms(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    navigation = (
        'navigation = [{ text = { fr = "À propos", en = "About" }, target = "https://journal.example/about" }, '
        '{ text = "Légal", target = "legal/index.html?x#y" }]\n'
    )
    newsroom.configure(f'{SITE}{navigation}[site.words.en]\nhome = "Front page"\n')
    publish(newsroom)
    page = Page(newsroom.site / "essai" / "en.html")
    assert "Front page" in page.words()
    assert "About" in page.words()
    assert page.find("a", href="../legal/index.html?x#y")
    assert Page(newsroom.site / "index.html").find("a", href="legal/index.html?x#y")
    assert "À propos" in Page(newsroom.site / "essai" / "fr.html").words()
    for line in ('odd = "x"', 'by = "{0.__class__}"', 'by = "{"'):
        newsroom.configure(f"[site.words.en]\n{line}\n")
        assert "site.words.en" in publish(newsroom).stderr


def test_own_templates_and_style_stand_in_the_place_of_ours(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    publish(newsroom)
    folder = newsroom.path / "templates" / "site"
    folder.mkdir(parents=True)
    block = "{% block footer %}<footer>{{ super() }}<p>Fait main</p></footer>{% endblock %}"
    (folder / "base.html").write_text('{% extends "passerelle/site/base.html" %}' + block, encoding="utf-8")
    (folder / "own.css").write_text(":root { --accent: #00f; }\n", encoding="utf-8")
    assert publish(newsroom).exit_code == 0
    assert "Fait main" in assert_whole(newsroom)["essai/en.html"].words()
    styles = sorted((newsroom.site / "assets").glob("site.*.css"))
    assert sorted(path.read_text().endswith("--accent: #00f; }\n") for path in styles) == [False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% block x %}\n{{ nothing }}\n", "base.html:"),
        ("a\n{{ nothing }}", "base.html:2: 'nothing' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% extends 'gone.html' %}", "no template “gone.html”"),
        ("{{ 1 / 0 }}", "base.html:1: division by zero"),
    ],
)
def test_fault_of_a_template_is_one_line(newsroom: "Newsroom", text: str, message: str) -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    path = newsroom.path / "templates" / "site" / "base.html"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    result = publish(newsroom)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def stat_all(folder: Path) -> dict[str, int]:
    return {p.relative_to(folder).as_posix(): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def test_only_what_changed_is_rewritten(newsroom: "Newsroom") -> None:
    for name in ("un", "deux", "trois"):
        newsroom.add_article(name, SOURCE, en=ENGLISH, es=SPANISH)
    newsroom.configure(SITE)
    publish(newsroom)
    before = stat_all(newsroom.site)
    assert publish(newsroom).stdout == "3 articles, 0 files changed\n"
    assert stat_all(newsroom.site) == before
    newsroom.write_catalog("deux", "en", ENGLISH | {"Le titre": "Changed"}, date="2026-11-20 09:30+0100")
    changed = json.loads(publish(newsroom, "--json").stdout)["written"]
    after = stat_all(newsroom.site)
    expected = {"deux/fr.html", "deux/en.html", "deux/aligned.html", "index.en.html", "feed.en.xml", "sitemap.xml"}
    assert {path for path, time in after.items() if before[path] != time} == set(changed) == expected
    # What lists the pages is written when they are all there.
    assert changed.index("deux/aligned.html") < changed.index("index.en.html") < changed.index("sitemap.xml")


def test_page_that_is_missing_or_cut_is_written_again(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    publish(newsroom)
    whole = (newsroom.site / "essai" / "en.html").read_bytes()
    (newsroom.site / "essai" / "en.html").write_bytes(whole[:100])
    (newsroom.site / "essai" / "fr.html").unlink()
    publish(newsroom)
    assert (newsroom.site / "essai" / "en.html").read_bytes() == whole
    assert_whole(newsroom)


def test_one_article_is_published_and_the_others_stay(newsroom: "Newsroom") -> None:
    for name in ("un", "deux"):
        newsroom.add_article(name, SOURCE, en=ENGLISH)
    newsroom.configure(SITE)
    publish(newsroom)
    for name in ("un", "deux"):
        newsroom.write_catalog(name, "en", ENGLISH | {"Le titre": "Changed"})
    assert publish(newsroom, "translations/un/fr.txt").exit_code == 0
    pages = assert_whole(newsroom)
    assert "Changed" in pages["un/en.html"].words()
    assert "Changed" not in pages["deux/en.html"].words()
    assert "deux/en.html" in pages["index.en.html"].source
    assert "no such article" in publish(newsroom, "trois").stderr


def test_article_that_is_gone_leaves_the_site(newsroom: "Newsroom") -> None:
    for name in ("un", "deux"):
        newsroom.add_article(name, SOURCE, en=ENGLISH)
    publish(newsroom)
    (newsroom.site / "deux" / "photo.jpg").write_bytes(b"of a person")
    os.rename(newsroom.path / "translations" / "deux", newsroom.path / "elsewhere")  # noqa: PTH104
    result = publish(newsroom)
    assert "deux/en.html (removed)" in result.stdout
    assert sorted(assert_whole(newsroom)) == [
        "index.en.html",
        "index.html",
        "un/aligned.html",
        "un/en.html",
        "un/fr.html",
    ]
    assert [path.name for path in (newsroom.site / "deux").iterdir()] == ["photo.jpg"]


def test_changed_slug_moves_the_page(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    publish(newsroom)
    newsroom.configure('[articles.essai]\nslug = { en = "a-cat" }')
    publish(newsroom)
    pages = assert_whole(newsroom)
    assert ("a-cat/en.html" in pages, "essai/en.html" in pages) == (True, False)


def test_record_that_is_broken_or_hostile_does_no_harm(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    publish(newsroom)
    record = newsroom.path / "out" / "site.json"
    whole = record.read_text(encoding="utf-8")
    precious = newsroom.path / "out" / "precious.html"
    precious.write_text("x", encoding="utf-8")
    gone = whole.replace('"essai"', '"parti"').replace("essai/en.html", "../precious.html")
    for text in ("", "{", "[]", '{"version": 1, "cards": [{}]}', gone, gone.replace("../precious", "../en")):
        record.write_text(text, encoding="utf-8")
        assert publish(newsroom).exit_code == 0
        assert record.read_text(encoding="utf-8") == whole
        assert_whole(newsroom)
    assert precious.exists()


def test_failure_to_write_leaves_whole_pages_and_is_mended(newsroom: "Newsroom") -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    publish(newsroom)
    newsroom.write_catalog("essai", "en", ENGLISH | {"Le titre": "Changed"})
    index = newsroom.site / "index.en.html"
    index.unlink()
    index.mkdir()  # nothing can be renamed into its place
    result = publish(newsroom)
    assert result.exit_code == 1
    assert "index.en.html: is a directory" in result.stderr
    assert "Changed" in Page(newsroom.site / "essai" / "en.html").words()
    assert not list(newsroom.site.rglob("*.tmp"))
    index.rmdir()
    assert publish(newsroom).exit_code == 0
    assert "Changed" in assert_whole(newsroom)["index.en.html"].words()


def test_same_input_gives_the_same_bytes_at_any_time(
    tmp_path_factory: pytest.TempPathFactory, open_newsroom: Callable[[Path], "Newsroom"]
) -> None:
    def build(seed: str, zone: str, *reverse: bool) -> dict[str, bytes]:
        room = open_newsroom(tmp_path_factory.mktemp("room"))
        for number in sorted(range(30), reverse=bool(reverse)):
            room.add_article(f"n{number}", SOURCE, es=SPANISH, en=ENGLISH)
        room.configure(SITE)
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        command = [sys.executable, "-m", "pipeline", "publish", "--exports"]
        subprocess.run(command, cwd=room.path, env=environment, check=True, stdout=subprocess.DEVNULL)
        out = room.path / "out"
        return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}

    assert build("1", "UTC") == build("2", "Asia/Tokyo", True)  # noqa: FBT003


def test_killed_run_leaves_whole_pages_and_the_next_one_ends_it(newsroom: "Newsroom") -> None:
    for number in range(60):
        newsroom.add_article(f"n{number}", SOURCE * 20, es=SPANISH, en=ENGLISH)
    command = [sys.executable, "-m", "pipeline", "publish", "--workspace", str(newsroom.path)]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(newsroom.site.glob("*/*.html"))) < 20:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    pages = list(newsroom.site.glob("*/*.html"))
    assert 20 <= len(pages) < 240
    assert not (newsroom.site / "index.html").exists()
    (pages[0].parent / f".fr.html.{process.pid}.tmp").write_text("half", encoding="utf-8")
    (pages[0].parent / f".en.html.{os.getpid()}.tmp").write_text("of a run that goes on", encoding="utf-8")
    assert all(page.read_bytes().endswith(b"</html>\n") for page in pages)
    result = publish(newsroom)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 42  # forty files, how many more, the sum
    assert [path.name for path in newsroom.site.rglob("*.tmp")] == [f".en.html.{os.getpid()}.tmp"]
    assert len(assert_whole(newsroom)) == 243


def test_time_without_a_date_is_source_date_epoch(newsroom: "Newsroom", monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom.add_article("essai", SOURCE, en=ENGLISH)
    newsroom.configure(SITE)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    publish(newsroom)
    assert "<updated>2023-11-14T22:13:20Z</updated>" in (newsroom.site / "feed.en.xml").read_text(encoding="utf-8")
    assert not Page(newsroom.site / "essai" / "en.html").find("time")


def test_terms_come_from_the_catalogs(newsroom: "Newsroom") -> None:
    newsroom.add_sample(en=41, es=41)
    publish(newsroom)
    page = Page(newsroom.site / "russie-chine-ia" / "aligned.html")
    assert "Termes : Moscou, Pékin, semi-conducteurs, IA" in page.words().replace("\u00a0", " ")
    states = [found["data-states"] for found in page.find("tr") if "data-states" in found]
    assert states == ["reviewed"] * 41


MARCHE = Path(__file__).parent / "cases" / "richtext" / "marche.md"


def add_marche(newsroom: "Newsroom") -> None:
    catalogs = json.loads(MARCHE.with_suffix(".json").read_text(encoding="utf-8"))
    newsroom.add_article("marche", MARCHE.read_text(encoding="utf-8"), "md", **catalogs)


def test_article_with_markup_is_published_whole(newsroom: "Newsroom") -> None:
    add_marche(newsroom)
    (newsroom.path / "passerelle.toml").write_text(SITE, encoding="utf-8")
    assert publish(newsroom, "--draft").exit_code == 0
    (newsroom.site / "marche" / "plans").mkdir()
    (newsroom.site / "marche" / "plans" / "halles.pdf").touch()  # what the article links to is the newsroom's affair
    pages = assert_whole(newsroom)
    page = pages["marche/en.html"]
    assert "After two years" not in page.words()  # front matter is for the index and for search engines
    assert page.find("a", href="https://journal.example/plan")
    assert not any(other.find("img") for other in pages.values())
    headings = [[found["id"] for found in pages[f"marche/{name}.html"].find("h2")] for name in ("fr", "en", "es")]
    assert headings == [["ce-qui-change", "le-calendrier"]] * 3
    assert pages["marche/es.html"].find("span", id="s5", lang="fr")
    assert "Cumplimos todos los plazos" in pages["marche/aligned.html"].words()
    assert pages["marche/aligned.html"].find("a", href="../marche/en.html")  # of front matter, to the page as a whole
    marks = [found["class"] for found in pages["marche/es.html"].find("a") if "mark" in found.get("class", "")]
    assert set(marks) == {"mark empty", "mark touched"}


def test_what_is_said_of_an_article_with_markup_is_plain(newsroom: "Newsroom") -> None:
    source = "# Un *titre* & `code`\n\nUn **chat** [dort](a.html)[^1] & rêve.\n\n[^1]: Note.\n"
    english = {
        "Un *titre* & `code`": "A *title* & `code`",
        "Un **chat** [dort](a.html)[^1] & rêve.": "A **cat** [sleeps](a.html)[^1] & dreams.",
        "Note.": "A note.",
    }
    newsroom.add_article("essai", source, "md", en=english)
    newsroom.configure(SITE)
    assert publish(newsroom, "--exports").exit_code == 0
    page = Page(newsroom.site / "essai" / "en.html")
    assert page.data()["headline"] == "A title & code"
    assert page.find("meta", property="og:title", content="A title & code")
    assert page.find("meta", name="description", content="A cat sleeps & dreams.")
    assert "<title>A title &amp; code · Le Journal</title>" in page.source
    assert ">A <em>title</em> &amp; <code>code</code></span></h1>" in page.source
    assert "A title & code" in Page(newsroom.site / "index.en.html").words()
    feed = etree.parse(newsroom.site / "feed.en.xml")
    assert feed.findtext("{*}entry/{*}title") == "A title & code"
    exports = newsroom.path / "out" / "exports" / "essai"
    markdown = (exports / "en.md").read_text(encoding="utf-8")
    assert markdown.startswith('---\ntitle: "A title & code"\ndescription: "A cat sleeps & dreams."\n')
    assert markdown.endswith("---\n\nA **cat** [sleeps](a.html)[^1] & dreams.\n\n[^1]: A note.\n")
    for name in ("essai.tmx", "essai.en.xlf", "aligned.tsv"):
        assert "A **cat** [sleeps](a.html)[^1] &" in (exports / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ending", "source"),
    [
        (
            "md",
            "---\ntitle: Un titre\ndescription: >\n  En bref.\n  Et vite.\n---\n# Un *titre*\n\nLe texte.\n",
        ),
        ("md", '+++\ntitle = "Un titre"\nsummary = "En bref. Et vite."\n+++\nLe texte.\n'),
        (
            "html",
            '<title>S</title><meta name="description" content="En bref. Et vite."><h1>Un titre</h1><p>Le texte.</p>',
        ),
    ],
    ids=["YAML", "TOML", "HTML"],
)
def test_what_an_article_says_of_itself_is_its_summary_and_its_title_stands_once(
    newsroom: "Newsroom", ending: str, source: str
) -> None:
    english = {"Un titre": "A title", "Un *titre*": "A *title*", "En bref.": "In short.", "Le texte.": "The text."}
    newsroom.add_article("essai", source, ending, en=english)
    newsroom.configure(SITE)
    assert publish(newsroom, "--keep", "50").exit_code == 0
    page = assert_whole(newsroom)["essai/en.html"]
    assert page.find("meta", name="description", content="In short. Et vite.")
    assert page.find("meta", property="og:description", content="In short. Et vite.")
    assert page.data()["description"] == "In short. Et vite."
    feed = etree.parse(newsroom.site / "feed.en.xml")
    assert feed.findtext("{*}entry/{*}summary") == "In short. Et vite."
    assert page.words().count("A title") == 1
    assert len(page.find("h1")) == 1
    assert not page.find("h2")


def test_saved_page_is_published_and_broken_markup_stays_in_its_place(newsroom: "Newsroom") -> None:
    source = (
        "<!doctype html><html lang=fr><head><title>Site</title></head><body><h1>Un titre</h1>"
        "<p>Un <b>chat</b>.</p><p>La fin.</p></body></html>"
    )
    english = {"Un titre": "A title", "Un <b>chat</b>.": "A <b>cat</p></main><script>x</script>", "La fin.": "The end."}
    newsroom.add_article("essai", source, "html", en=english | {"Site": "Site"})
    assert publish(newsroom, "--exports").exit_code == 0
    page = assert_whole(newsroom)["essai/en.html"]
    assert page.find("span", id="s4", **{"class": "segment reviewed"})
    assert "A title" in page.words()
    assert not page.find("b")
    assert not any("src" not in found and "type" not in found for found in page.find("script"))
    content = (newsroom.path / "out" / "exports" / "essai" / "en.html").read_text(encoding="utf-8")
    assert content.endswith("---\n\n<p>A cat</p><p>The end.</p>\n")


def test_sentence_with_several_entries_takes_its_own(newsroom: "Newsroom") -> None:
    source = "Un\n\n## Nord\n\nOui.\n\n## Sud\n\nOui. Non. Oui.\n"
    folder = newsroom.add_article("essai", source, en={"Un": "One", "Nord": "North", "Sud": "South", "Non.": "No."})
    with (folder / "en.po").open("a", encoding="utf-8") as file:
        for context, text in (("Sud", "Aye."), ("Nord", "Yes."), ("Sud (2)", "Yea.")):
            file.write(f'\nmsgctxt "{context}"\nmsgid "Oui."\nmsgstr "{text}"\n')
    publish(newsroom)
    assert "North Yes. South Aye. No. Yea." in Page(newsroom.site / "essai" / "en.html").words()


@pytest.mark.parametrize("folder", ["translations", "."])
def test_workspace_without_articles(newsroom: "Newsroom", folder: str) -> None:
    (newsroom.path / folder).mkdir(exist_ok=True)
    assert publish(newsroom).exit_code == 0
    assert "Aucun article" in assert_whole(newsroom)["index.html"].words()
