"""Articles as newsrooms have them, from the file to the site: Markdown and pages."""

from pathlib import Path

import lxml.html
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalog import parse_catalog
from pipeline.cli import main
from pipeline.errors import SourceError
from pipeline.formats import parse_article
from pipeline.formats.scraped import extract_article

CASES = Path(__file__).parent / "cases"
TAGS = (
    "p",
    "div",
    "b",
    "a",
    "ul",
    "li",
    "table",
    "td",
    "pre",
    "code",
    "blockquote",
    "h1",
    "h2",
    "script",
    "svg",
    "form",
)
TEXT = "Le chat dort dans la grande maison, comme il l’a toujours fait depuis le départ de ses maîtres. "
BITS = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    TEXT,
    "<br>",
    "<!--",
    "-->",
    "\x0b",
    "&#0;",
    '<a href="x">',
]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def translate(workspace: Path, *arguments: str | Path) -> Result:
    return run("translate", "--workspace", workspace, "--engine", "apertium", "--to", "es", *arguments)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def msgids(workspace: Path, name: str) -> list[str]:
    path = workspace / "translations" / name / "es.po"
    return [entry.msgid for entry in parse_catalog(path.read_bytes(), path).entries if not entry.is_obsolete][1:]


def test_copy_of_an_article_keeps_its_format(tmp_path: Path) -> None:
    source = write(tmp_path / "note.md", "---\ndate: demain\n---\n# Le titre\n\nLe chat dort.\n")
    result = translate(tmp_path, source)
    assert result.exit_code == 0
    assert f"{source}:2: “demain” is no date; write a date as 2026-01-31; left out\n" in result.stderr
    folder = tmp_path / "translations" / "note"
    assert (folder / "fr.md").read_bytes() == source.read_bytes()
    assert not (folder / "fr.txt").exists()
    assert msgids(tmp_path, "note") == ["Le titre", "Le chat dort."]
    assert "nothing changed" in translate(tmp_path, "note").stdout
    # One name, one source: the same article in another format does not stand beside it.
    result = translate(tmp_path, write(tmp_path / "note.txt", source.read_text(encoding="utf-8")))
    assert f"{folder / 'fr.md'} is another article of this name" in result.stderr
    assert not (folder / "fr.txt").exists()


PAGE = """<!DOCTYPE html>
<html lang="fr-CA"><head><meta charset="iso-8859-1"><title>Le chat dort - Le Journal</title>
<meta property="og:title" content="Le chat &amp; la maison">
<meta property="article:published_time" content="2026-01-31T08:00:00+01:00">
</head><body>
<nav><a href="/">Accueil</a> <a href="/abonnez">Abonnez-vous à nos lettres</a></nav>
<div class="cookies">Nous utilisons des cookies pour améliorer votre expérience.</div>
<article><h1>Le chat &amp; la maison</h1><p class="author">Jeanne Dupont</p>
<p>Le chat dort dans la <b>grande maison</b>, comme il l’a toujours fait depuis que ses maîtres partirent.
Il ne sort que la nuit, et <a href="/voisins">les voisins</a> le nourrissent.</p>
<h2>Les voisins</h2>
<p>Ils habitent en face depuis vingt ans et connaissent toutes ses habitudes, dont la commande <code>cat</code>.</p>
<ol><li>Le premier voisin donne du lait.</li><li>Le second voisin donne du poisson frais.</li></ol>
</article>
<aside><h3>À lire aussi</h3><ul><li><a href="/a">Dix photos de chiens</a></li></ul></aside>
<div class="comments"><p>Bravo pour cet article !</p></div>
<footer>© 2025 Le Journal. Mentions légales</footer></body></html>
"""
TAKEN = [
    "Le chat &amp; la maison",
    "Le chat dort dans la <strong>grande maison</strong>, comme il l’a toujours fait depuis que ses maîtres partirent.",
    'Il ne sort que la nuit, et <a href="/voisins">les voisins</a> le nourrissent.',
    "Les voisins",
    "Ils habitent en face depuis vingt ans et connaissent toutes ses habitudes, dont la commande <code>cat</code>.",
    "Le premier voisin donne du lait.",
    "Le second voisin donne du poisson frais.",
]


def test_main_takes_the_article_of_a_page_and_later_runs_do_too(tmp_path: Path) -> None:
    page = tmp_path / "saved" / "page.html"
    page.parent.mkdir()
    page.write_bytes(PAGE.encode("cp1252"))
    before = page.read_bytes()
    shown = run("segment", "--workspace", tmp_path, "--main", page).stdout.splitlines()
    assert [text for text in shown if text not in TAKEN] == ["Le chat & la maison"]  # <title>
    assert translate(tmp_path, "--main", page).exit_code == 0
    folder = tmp_path / "translations" / "page"
    source = (folder / "fr.html").read_text(encoding="utf-8")
    assert '<html lang="fr-CA">' in source
    assert '<meta name="author" content="Jeanne Dupont">' in source
    assert '<meta property="article:published_time" content="2026-01-31T08:00:00+01:00">' in source
    assert {"Le chat & la maison", *TAKEN} >= set(msgids(tmp_path, "page")) >= set(TAKEN[1:])
    catalogs = {path: path.read_bytes() for path in folder.iterdir()}
    for again in ([page], ["--main", page], ["page"], [folder / "fr.html"], ["--main", folder / "fr.html"]):
        result = translate(tmp_path, *again)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "nothing changed" in result.stdout
    assert run("split", "--workspace", tmp_path, "page", "Les voisins").exit_code == 1  # there only once; it was read
    assert {path: path.read_bytes() for path in folder.iterdir()} == catalogs
    assert page.read_bytes() == before
    # The page changes, or moves: still the same article.
    page.write_bytes(before.replace(b"du lait", b"de l'eau"))
    moved = page.rename(page.with_name("moved.html"))
    assert "is another article of this name" in translate(tmp_path, "--name", "page", moved).stderr
    page = moved.rename(page)
    assert translate(tmp_path, page).exit_code == 0
    assert "Le premier voisin donne de l'eau." in msgids(tmp_path, "page")
    assert "Dix photos" not in (folder / "fr.html").read_text(encoding="utf-8")
    # All of the page, on request, and for good.
    assert translate(tmp_path, "--no-main", page).exit_code == 0
    assert (folder / "fr.html").read_bytes() == page.read_bytes()
    assert "nothing changed" in translate(tmp_path, page).stdout


def test_main_of_what_is_no_page_or_holds_no_article(tmp_path: Path) -> None:
    text = write(tmp_path / "note.txt", "Oui.\n")
    menu = write(tmp_path / "menu.html", "<html><body><div id='app'></div><script>a()</script></body></html>")
    own = write(tmp_path / "translations" / "own" / "fr.html", PAGE)
    result = translate(tmp_path, "--main", text, menu, own)
    assert result.exit_code == 1
    errors = [line.removeprefix("passerelle: error: ") for line in result.stderr.splitlines()]
    hint = "give the saved page from elsewhere, with --main or --no-main"
    assert errors == [
        f"{text}: is no web page; --main goes with .html",
        f"{menu}: no article is found in this page; translate all of it with --no-main",
        f"{own}: is the source that the catalogs are made of; {hint}",
    ]
    assert own.read_text(encoding="utf-8") == PAGE
    assert run("segment", "--main", menu).exit_code == 1


def read_words(page: bytes) -> list[str]:
    tree = lxml.html.document_fromstring(page)
    return [word for text in tree.xpath("//body//text()[not(ancestor::script)]") for word in text.split()]


@pytest.mark.parametrize("path", sorted((CASES / "html" / "real").iterdir()), ids=lambda path: path.stem)
def test_main_of_real_pages(path: Path) -> None:
    data = path.read_bytes()
    taken = extract_article(data, path)
    assert taken == extract_article(data, path)
    assert parse_article(taken, path, "a").title != "a"
    words, known = read_words(taken), "".join(read_words(data))
    assert sum(word in known for word in words) >= 0.99 * len(words)  # nothing is made up
    assert len(words) >= 0.2 * len(read_words(data))  # a manual's index is mostly links


@given(st.lists(st.sampled_from(BITS), max_size=60))
def test_main_of_any_page_is_a_page_or_none(bits: list[str]) -> None:
    source = "".join(["<html><body>", *bits]).encode()
    try:
        taken = extract_article(source, Path("a.html"))
    except SourceError:
        return
    lxml.html.document_fromstring(taken.decode())


@pytest.mark.parametrize(
    "matter", ["---\nSubtitle: Un sous-titre\nsku: Le numéro\n---\n", '+++\nSubtitle = "Un sous-titre"\n+++\n']
)
def test_front_matter_keys_of_the_settings_are_translated_everywhere(tmp_path: Path, matter: str) -> None:
    source = write(tmp_path / "note.md", f"{matter}Le chat dort.\n")
    write(tmp_path / "glossary" / "terms.csv", "fr,en,es\nsous-titre,subtitle,subtítulo\n")
    assert run("segment", "--workspace", tmp_path, source).stdout.splitlines() == ["Le chat dort."]
    write(tmp_path / "passerelle.toml", 'front_matter = ["Subtitle"]\n')
    assert run("segment", "--workspace", tmp_path, source).stdout.splitlines() == ["Un sous-titre", "Le chat dort."]
    assert translate(tmp_path, source).exit_code == 0
    assert msgids(tmp_path, "note") == ["Un sous-titre", "Le chat dort."]
    assert "no article uses" not in run("glossary", "check", "--to", "en", "--workspace", tmp_path).stdout
    catalog = tmp_path / "translations" / "note" / "es.po"
    catalog.write_text(catalog.read_text(encoding="utf-8").replace("#, fuzzy\n", ""), encoding="utf-8")
    published = run("publish", "--workspace", tmp_path, "--exports")
    assert published.exit_code == 0
    table = (tmp_path / "out" / "exports" / "note" / "aligned.tsv").read_text(encoding="utf-8")
    assert "Un sous-titre" in table
    # A setting that changes is a change of all pages.
    write(tmp_path / "passerelle.toml", "")
    assert run("publish", "--workspace", tmp_path, "note").exit_code == 0
    assert "Un sous-titre" not in (tmp_path / "out" / "site" / "note" / "aligned.html").read_text(encoding="utf-8")
