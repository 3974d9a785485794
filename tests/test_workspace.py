"""Names of articles, and which of them are taken."""

from pathlib import Path

import pytest

from pipeline.errors import SettingsError, SourceError
from pipeline.settings import Settings, load_settings
from pipeline.workspace import (
    ArticleFolder,
    claim_folder,
    digest_source,
    find_article,
    find_source,
    name_article,
)


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("sub/une-note.txt", None, "une-note"),
        ("/x/translations/rue/fr.txt", None, "rue"),
        ("/x/rue/index.md", None, "rue"),
        ("a.txt", "autre nom", "autre nom"),
        ("l’été.txt", None, "l’été"),
    ],
)
def test_names(path: str, name: str | None, expected: str) -> None:
    assert name_article(Path(path), name) == expected


def test_an_article_of_the_workspace_may_be_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "translations" / "note" / "fr.txt"
    copy.parent.mkdir(parents=True)
    copy.touch()
    assert find_source(tmp_path, Path("note")) == copy
    assert find_source(tmp_path, Path("other")) == Path("other")
    assert find_source(tmp_path, Path("sub/note")) == Path("sub/note")
    monkeypatch.chdir(tmp_path)
    Path("note").touch()
    assert find_source(tmp_path, Path("note")) == Path("note")


@pytest.mark.parametrize("name", ["../x", "a/b", ".caché", "memory", "a\nb", " a", "..", 'a"b'])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match="choose another name with --name"):
        name_article(Path("a.txt"), name)


def test_a_name_taken_by_a_source_from_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "translations" / "note"
    folder.mkdir(parents=True)
    (folder / "fr.txt").write_text("Une note.")
    fields = f'"X-Source-File: a/note.txt\\n"\n"X-Source-Digest: {digest_source(b"Une note.")}\\n"\n'
    (folder / "note.pot").write_text('msgid ""\nmsgstr ""\n' + fields)
    claim_folder(tmp_path, "note", tmp_path / "a" / "note.txt", b"Une note, revue.")
    claim_folder(tmp_path, "note", tmp_path / "b" / "note.txt", b"Une note.")
    claim_folder(tmp_path, "note", folder / "fr.txt", b"Une note.")
    with pytest.raises(SourceError, match=r"another article of this name; choose another name with --name; if"):
        claim_folder(tmp_path, "note", tmp_path / "b" / "note.txt", b"Autre chose.")
    with pytest.raises(SourceError, match="is another article of this name"):
        claim_folder(tmp_path, "note", tmp_path / "b" / "note.text", b"Autre chose.")
    # Somebody corrected our copy: what they typed is not overwritten.
    (folder / "fr.txt").write_text("Une note corrigée.")
    with pytest.raises(SourceError, match=r"fr\.txt was edited since it was copied from there; translate"):
        claim_folder(tmp_path, "note", tmp_path / "a" / "note.txt", b"Une note, revue.")


@pytest.mark.parametrize(
    ("path", "copy"),
    [("a.txt", "fr.txt"), ("a", "fr.txt"), ("a.Markdown", "fr.md"), ("index.md", "fr.md"), ("a.HTM", "fr.html")],
)
def test_a_copy_keeps_the_format_of_its_article(tmp_path: Path, path: str, copy: str) -> None:
    folder = ArticleFolder(tmp_path, "note")
    assert folder.source(tmp_path / path) == folder.path / copy
    folder.path.mkdir(parents=True)
    (folder.path / copy).write_text("Une note.")
    (folder.path / "fr.pdf").write_text("%PDF")
    assert folder.find_source() == find_source(tmp_path, Path("note")) == folder.path / copy
    assert claim_folder(tmp_path, "note", tmp_path / path, b"Une note.") == folder


def test_a_copy_that_a_person_named_otherwise_stays_the_only_one(tmp_path: Path) -> None:
    folder = ArticleFolder(tmp_path, "note")
    folder.path.mkdir(parents=True)
    (folder.path / "fr.markdown").write_text("Une note.")
    assert folder.source(tmp_path / "note.md") == folder.path / "fr.markdown"


def test_an_article_in_another_format_and_two_sources_are_refused(tmp_path: Path) -> None:
    folder = ArticleFolder(tmp_path, "note")
    folder.path.mkdir(parents=True)
    (folder.path / "fr.txt").write_text("Une note.")
    with pytest.raises(SourceError, match=r"in another format, move .*/fr\.txt away: its catalogs stay"):
        claim_folder(tmp_path, "note", tmp_path / "note.md", b"Une note.")
    (folder.path / "fr.md").write_text("Une note.")
    with pytest.raises(SourceError, match=r"holds fr\.md and fr\.txt; keep the one that is the article"):
        claim_folder(tmp_path, "note", folder.path / "fr.md", b"Une note.")
    (folder.path / "note.pot").touch()
    with pytest.raises(SourceError, match="holds fr"):
        find_article(tmp_path, "note")


def test_a_linked_article_is_where_its_link_is(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "today.txt"
    link = tmp_path / "translations" / "note" / "fr.txt"
    target.parent.mkdir()
    link.parent.mkdir(parents=True)
    target.write_text("Une note.")
    link.symlink_to(target)
    assert name_article(link) == "note"
    assert claim_folder(tmp_path, "note", link, b"Une note.").source(link) == link


def test_a_name_longer_than_file_systems_take_is_refused() -> None:
    with pytest.raises(SourceError, match="is too long a name; choose another name with --name"):
        name_article(Path("a.txt"), "é" * 150)


def test_settings_options_go_before_the_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings(tmp_path, ("en", "es"), "auto", 0)
    (tmp_path / "passerelle.toml").write_text('to = ["es"]\nengine = "apertium"\n')
    assert load_settings(tmp_path) == Settings(tmp_path, ("es",), "apertium", 0)
    assert load_settings(tmp_path, ("en", "en"), "argos", "12") == Settings(tmp_path, ("en",), "argos", 12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("to = [", r"passerelle\.toml: is no TOML"),
        (f"to = {'9' * 5000}", r"passerelle\.toml: is no TOML"),
        ("too = 1", r"unknown key “too”; the keys are: to, engine"),
        ("to = 1", "is no list of languages"),
        ('to = ["Français"]', "“Français” is no target language"),
        ('to = "fr"', "“fr” is no target language"),
        ('layout = "mkdocs"', "unknown layout “mkdocs”; choose one of hugo, jekyll"),
        ("front_matter = 1", "is no list of keys; write front_matter"),
        ('front_matter = ["a: b"]', "is no list of keys"),
        ('engine = "deepl"', "unknown engine “deepl”; choose one of auto, argos, passerelle, apertium"),
    ],
)
def test_settings_errors(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "passerelle.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path)


def test_a_missing_workspace_and_a_wrong_date(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder"):
        load_settings(tmp_path / "x")
    with pytest.raises(SettingsError, match="give seconds since 1970"):
        load_settings(tmp_path, epoch="hier")
