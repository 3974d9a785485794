"""Articles as newsrooms have them, from the file to the site: Markdown and pages."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.catalog import parse_catalog
from pipeline.cli import main


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
    assert f"{folder / 'fr.md'} is there already; delete it if this one is to take its place" in result.stderr
    assert not (folder / "fr.txt").exists()


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
