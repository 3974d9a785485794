"""The site in a real browser: what a reader clicks, presses, sees at each width, and what axe-core says of it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.pages import render_pages
from pipeline.settings import load_settings
from pipeline.site.plan import Terms
from pipeline.site.preview import serve
from pipeline.site.publish import publish_site
from pipeline.site.reading import read_material, read_publication
from pipeline.workspace import list_articles

if TYPE_CHECKING:
    from conftest import Newsroom
    from playwright.sync_api import Browser, Page, Request

CASES = Path(__file__).parent / "cases"
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = """
[site]
base_url = "https://journal.example/monde/"
name = "Le Journal"
description = { fr = "Trois langues.", en = "Three languages.", es = "Tres idiomas." }
navigation = [{ text = { fr = "À propos", en = "About", es = "Acerca de" }, target = "index.html" }]
[articles.russie-chine-ia]
author = "Claire Martin"
date = 2025-01-15
slug = { en = "russia-china-ai" }
"""
FRENCH, ENGLISH = "russie-chine-ia/fr.html", "russia-china-ai/en.html"
SPANISH, ALIGNED = "russie-chine-ia/es.html", "russie-chine-ia/aligned.html"
PAGES = ["index.html", "index.en.html", FRENCH, ENGLISH, SPANISH, ALIGNED]
DRAFT = "draft/"


@dataclass
class Visit:
    """A page in the browser, and what it complained of or asked for."""

    page: "Page"
    root: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str) -> "Page":
        self.page.goto(self.root + path)
        return self.page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    if _CHROMIUM is None:
        sys.stderr.write("\nNO CHROMIUM: the site was NOT tested in a browser; install Debian's package chromium\n")
        pytest.skip("no Chromium here: the site was not tested in a browser; install Debian's package chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a browser of its own starts

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, open_newsroom: Callable[[Path], "Newsroom"]) -> Iterator[str]:
    """Serve a site with English half withheld and Spanish whole, and below it one of drafts."""
    folder = tmp_path_factory.mktemp("newsroom")
    for room, terms in ((open_newsroom(folder / "a"), Terms()), (open_newsroom(folder / "b"), Terms(draft=True))):
        room.path.mkdir()
        room.add_sample(en=36, es=41)
        room.configure(SETTINGS)
        assert publish_site(load_settings(room.path), terms=terms).exit_code == 0
    (folder / "b" / "out" / "site").rename(folder / "a" / "out" / "site" / "draft")
    with serve(folder / "a" / "out" / "site", 0) as address:
        yield address


@contextmanager
def visiting(browser: "Browser", root: str, **options: Any) -> Iterator[Visit]:  # noqa: ANN401 - Playwright's own
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    visit = Visit(context.new_page(), root)

    def note_request(request: "Request") -> None:
        visit.requests.append(request.url)

    visit.page.on("console", lambda message: visit.complaints.append(message.text))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("request", note_request)
    yield visit
    context.close()


@pytest.fixture
def visit(browser: "Browser", root: str) -> Iterator[Visit]:
    with visiting(browser, root) as found:
        yield found
    assert not found.complaints
    assert all(url.startswith((root, "data:")) for url in found.requests)


@pytest.mark.parametrize("width", [390, 700, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_are_accessible_and_ask_nobody_else(browser: "Browser", root: str, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - half a megabyte

    with visiting(browser, root, viewport={"width": width, "height": 800}, color_scheme=scheme) as visit:
        for path in [*PAGES, *(DRAFT + path for path in PAGES)]:
            page = visit.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            violations = Axe().run(page).response["violations"]
            assert not violations, (path, [(v["id"], v["nodes"][0]["html"]) for v in violations])
        assert not visit.complaints
        assert all(url.startswith(root) for url in visit.requests)


def add_marked(room: "Newsroom") -> None:
    """Add an article of Markdown and a page that somebody saved."""
    source = CASES / "richtext" / "marche.md"
    catalogs = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))
    room.add_article("marche", source.read_text(encoding="utf-8"), "md", **catalogs)
    page = CASES / "html" / "real" / "omegat-chapter.segmentation.html"
    room.add_article("chapitre", page.read_text(encoding="utf-8"), "html", en={}, es={})
    room.configure(SETTINGS)


@pytest.fixture(scope="module")
def marked_root(tmp_path_factory: pytest.TempPathFactory, open_newsroom: Callable[[Path], "Newsroom"]) -> Iterator[str]:
    """Serve articles with markup as a site of drafts."""
    room = open_newsroom(tmp_path_factory.mktemp("marked"))
    add_marked(room)
    assert publish_site(load_settings(room.path), terms=Terms(draft=True)).exit_code == 0
    with serve(room.site, 0) as address:
        yield address


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_articles_with_markup_fit_and_are_accessible(
    browser: "Browser", marked_root: str, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - half a megabyte

    with visiting(browser, marked_root, viewport={"width": width, "height": 800}, color_scheme=scheme) as visit:
        for path in [
            f"{name}/{page}.html" for name in ("marche", "chapitre") for page in ("fr", "en", "es", "aligned")
        ]:
            page = visit.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            violations = Axe().run(page).response["violations"]
            assert not violations, (path, [(v["id"], v["nodes"][0]["html"]) for v in violations])
        assert not visit.complaints
        assert all(url.startswith(marked_root) for url in visit.requests)


@pytest.mark.parametrize("width", [390, 1280])
def test_draft_pages_fit_and_are_accessible(browser: "Browser", newsroom: "Newsroom", width: int) -> None:
    """Those of `out/drafts`, which a person opens from the disk."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - half a megabyte

    newsroom.add_sample(en=4, es=41)
    add_marked(newsroom)
    for folder in list_articles(newsroom.path):
        folder.drafts.mkdir(parents=True)
        for file in render_pages(read_publication(read_material(folder), ()).publication):
            (folder.drafts / file.name).write_bytes(file.data)
    root = f"{(newsroom.path / 'out' / 'drafts').as_uri()}/"
    paths = [
        f"{name}/{page}.html"
        for name in ("russie-chine-ia", "marche", "chapitre")
        for page in ("fr", "en", "es", "aligned")
    ]
    for scheme in ("light", "dark"):
        with visiting(browser, root, viewport={"width": width, "height": 800}, color_scheme=scheme) as visit:
            for path in paths:
                page = visit.open(path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                violations = Axe().run(page).response["violations"]
                assert not violations, (path, [(v["id"], v["nodes"][0]["html"]) for v in violations])
            assert not visit.complaints
            assert {url.removeprefix(root) for url in visit.requests} <= {*paths, "data:,"}


def test_links_in_a_table_of_an_article_are_links(browser: "Browser", marked_root: str) -> None:
    with visiting(browser, marked_root, viewport={"width": 390, "height": 800}) as visit:
        page = visit.open("chapitre/en.html")
        marks = page.locator("article th a.mark")
        assert marks.count()
        assert {mark.evaluate("mark => getComputedStyle(mark).display") for mark in marks.all()} == {"inline"}


def test_places_of_an_article_with_markup_are_reached(browser: "Browser", marked_root: str) -> None:
    with visiting(browser, marked_root) as visit:
        page = visit.open("marche/en.html")
        page.get_by_role("link", name="what follows").click()
        assert page.url.endswith("#le-calendrier")
        page.get_by_role("link", name="[1]").click()
        assert page.locator(":target").inner_text().startswith("Before tax")
        page.get_by_role("link", name="Side by side", exact=True).click()
        page.get_by_role("searchbox").fill("hall reopened")  # across the beginning of an emphasis
        assert page.evaluate("[...CSS.highlights.get('search')].map(String)") == ["hall reopened"]
        assert not visit.complaints


def test_language_is_switched(visit: Visit) -> None:
    page = visit.open(ENGLISH)
    assert page.locator(".switcher [aria-current]").inner_text() == "English"
    page.get_by_role("link", name="Español").click()
    assert page.url.endswith(SPANISH)
    assert page.locator("html").get_attribute("lang") == "es"
    page.get_by_role("link", name="En paralelo", exact=True).click()
    assert page.url.endswith(ALIGNED)
    page.get_by_role("link", name="Le Journal").click()
    page.get_by_role("link", name="English").first.click()
    assert page.url.endswith("index.en.html")
    page.locator(".entries h3 a").click()
    assert page.url.endswith(ENGLISH)


def _background(page: "Page", selector: str) -> str:
    return str(page.locator(selector).evaluate("element => getComputedStyle(element).backgroundColor"))


def test_pointer_and_focus_light_the_whole_row(visit: Visit) -> None:
    page = visit.open(ALIGNED)
    dark = _background(page, "#s4")
    page.locator("#s4 td[data-language=Español]").hover()
    lit = _background(page, "#s4")
    assert lit != dark
    assert _background(page, "#s5") == dark
    page.locator("#s5 th a").focus()
    assert _background(page, "#s5") == lit


def test_keyboard_goes_from_segment_to_segment(visit: Visit) -> None:
    page = visit.open(ALIGNED)
    focused = "document.activeElement.closest('tr')?.id ?? document.activeElement.id"
    page.locator("#s2 th a").focus()
    for key, expected in (("ArrowDown", "s3"), ("ArrowDown", "s4"), ("ArrowUp", "s3"), ("/", "search")):
        page.keyboard.press(key)
        assert page.evaluate(focused) == expected
    page.keyboard.type("porsche")
    page.locator("#s28 th a").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "s28"  # it is the only one shown


def test_search_finds_without_accents_in_every_language(visit: Visit) -> None:
    page = visit.open(ALIGNED)
    rows, status = page.locator("tbody tr:visible"), page.locator(".shown")
    search = page.get_by_role("searchbox")
    search.fill("PEKIN")
    assert rows.evaluate_all("rows => rows.map(row => row.id)") == ["s11"]
    assert status.inner_text() == "Segments affichés\u00a0: 1 sur 41"
    assert page.evaluate("[...CSS.highlights.get('search')].map(String)") == ["Pékin", "Pekín"]
    search.fill("l'embassy")
    assert rows.count() == 0
    search.press("Escape")
    assert rows.count() == 41
    assert status.inner_text() == ""


def test_filter_by_state(visit: Visit) -> None:
    page = visit.open(ALIGNED)
    rows = page.locator("tbody tr:visible")
    page.get_by_label("Brouillon automatique").check()
    assert rows.evaluate_all("rows => rows.map(row => row.id)") == ["s37", "s38", "s39", "s40", "s41"]
    assert "Pas encore relu" in page.locator("#s38").inner_text()
    page.get_by_role("searchbox").fill("dynamique")
    assert rows.count() == 1
    page.get_by_label("Tous", exact=True).check()
    page.get_by_role("searchbox").fill("")
    assert rows.count() == 41


def test_narrow_page_has_one_column_and_a_tab_a_language(browser: "Browser", root: str) -> None:
    with visiting(browser, root, viewport={"width": 390, "height": 800}) as visit:
        page = visit.open(ALIGNED)
        cells = page.locator("#s20 td:visible")
        assert cells.count() == 3
        assert len({box["x"] for cell in cells.all() if (box := cell.bounding_box())}) == 1
        page.locator("#s20").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#s20').scrollIntoView()")
        page.get_by_label("English").check()
        assert cells.evaluate_all("cells => cells.map(cell => cell.dataset.language)") == ["English"]
        box = page.locator("#s20").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 160  # the segment that was on top still is
        page.keyboard.press("ArrowRight")
        assert cells.evaluate_all("cells => cells.map(cell => cell.dataset.language)") == ["Español"]
        assert not visit.complaints


def test_deep_links_lead_to_the_segment(visit: Visit) -> None:
    page = visit.open(f"{ALIGNED}#s30")
    box = page.locator("#s30").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 200
    page.locator("#s30 td[data-language=English] a").click()
    assert page.url.endswith(f"{ENGLISH}#s30")
    assert page.locator("#s30").evaluate("element => element.matches(':target')")


def test_everything_is_read_without_scripts(browser: "Browser", root: str) -> None:
    with visiting(browser, root, java_script_enabled=False) as visit:
        page = visit.open(ALIGNED)
        assert page.locator("tbody tr:visible").count() == 41
        assert not page.get_by_role("searchbox").is_visible()


def test_print_leaves_the_text_alone(browser: "Browser", root: str) -> None:
    with visiting(browser, root) as visit:
        page = visit.open(ALIGNED)
        page.emulate_media(media="print")
        assert not page.locator("nav:visible, .controls:visible, .tabs:visible, .foot:visible").count()
        assert page.locator("tbody tr:visible").count() == 41


def test_pages_open_from_the_disk(browser: "Browser", newsroom: "Newsroom") -> None:
    newsroom.add_sample(en=41, es=41)
    publish_site(load_settings(newsroom.path))
    with visiting(browser, newsroom.site.as_uri() + "/") as visit:
        page = visit.open(ALIGNED)
        assert page.get_by_role("searchbox").is_visible()
        assert not visit.complaints


@pytest.mark.skipif(shutil.which("tidy") is None, reason="needs Debian's package tidy")
def test_tidy_finds_no_error(newsroom: "Newsroom") -> None:
    newsroom.add_sample(en=36, es=41)
    add_marked(newsroom)
    for terms in (Terms(), Terms(draft=True)):
        publish_site(load_settings(newsroom.path), terms=terms)
        for path in newsroom.site.rglob("*.html"):
            assert not _tidy(path), path


def _tidy(path: Path) -> list[str]:
    command = ["tidy", "-quiet", "-errors", "-utf8", "--drop-empty-elements", "no", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    # Tidy is of 2017 and does not know the attribute (WAI-ARIA 1.1).
    return [line for line in result.stderr.splitlines() if 'proprietary attribute "aria-current"' not in line]
