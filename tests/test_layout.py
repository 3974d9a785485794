"""Translations beside their Markdown source, as Hugo and Jekyll want them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.formats import parse_article
from pipeline.formats.keys import set_keys
from pipeline.layout import name_translation, render_translation
from pipeline.publication import Publication, Rendering, Row, State
from pipeline.segment import segment_article

CASES = Path(__file__).parent / "cases" / "markdown"
STAMP = re.compile(r"# passerelle [0-9a-f]{16}: .*\r?\n")
POST = """---
title: "Le chat"
date: 2026-01-31
lang: fr
slug: le-chat
---
# Le chat

Le chat dort. Voir [la maison](/maison).

```sh
cat
```
"""


def translate(workspace: Path, *arguments: str | Path) -> Result:
    options = ["translate", "--workspace", workspace, "--engine", "apertium", "--to", "es", *arguments]
    return CliRunner().invoke(main, [str(option) for option in options], catch_exceptions=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def read(path: Path) -> str:
    return path.read_bytes().decode()


def render(source: str, layout: str, *, reviewed: bool = True, language: str = "es") -> str | None:
    """Render a text whose segments are translated as themselves in capitals."""
    article = parse_article(source.encode(), Path("note.md"), "note")
    state = State.REVIEWED if reviewed else State.DRAFT
    rows = [Row(segment, (Rendering(segment.text.upper(), state),)) for segment in segment_article(article)]
    return render_translation(Publication(article, "fr", (language,), tuple(rows)), language, layout)


def test_hugo_has_its_translation_beside_the_source(tmp_path: Path) -> None:
    source = write(tmp_path / "content" / "chat" / "index.md", POST)
    target = source.with_name("index.es.md")
    result = translate(tmp_path, "--layout", "hugo", source)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"  {target}\n" in result.stdout
    assert read(source) == POST
    text = read(target)
    assert re.match(
        r"---\n# passerelle [0-9a-f]{16}: correct translations/chat/es\.po, not this file\ndraft: true\n", text
    )
    assert "\nlang: es\nslug: le-chat\n---\n# El gato\n" in text
    assert text.endswith("\n```sh\ncat\n```\n")
    before = target.stat().st_mtime_ns
    assert "nothing changed" in translate(tmp_path, "--layout", "hugo", "chat").stdout
    assert target.stat().st_mtime_ns == before
    # Reviewed text is no draft; a segment whose translation was emptied is French, and the file a draft again.
    catalog = tmp_path / "translations" / "chat" / "es.po"
    write(catalog, read(catalog).replace("#, fuzzy\n", "").replace('msgstr "El gato"', 'msgstr "El minino"'))
    assert translate(tmp_path, "--layout", "hugo", source).exit_code == 0
    assert 'title: "El minino"' in read(target)
    assert "draft" not in read(target)
    write(tmp_path / "passerelle.toml", 'layout = "hugo"\n')
    write(source, POST.replace("Le chat dort.", "Le chat dort. Il rêve."))
    assert translate(tmp_path, source).exit_code == 0
    assert "draft: true" in read(target)


def test_text_of_a_person_is_never_replaced(tmp_path: Path) -> None:
    source = write(tmp_path / "chat.md", POST)
    target = write(tmp_path / "chat.es.md", "---\ntitle: El gato de Juana\n---\nMi texto.\n")
    error = f"passerelle: error: {target}: was not written by passerelle, or changed since; put its text into "
    catalog = tmp_path / "translations" / "chat" / "es.po"
    result = translate(tmp_path, "--layout", "hugo", source)
    assert (result.exit_code, catalog.exists()) == (1, True)
    assert result.stderr == f"{error}{catalog} and delete it, or leave this language out\n"
    assert read(target).endswith("Mi texto.\n")
    target.unlink()
    assert translate(tmp_path, "--layout", "hugo", source).exit_code == 0
    edited = read(target).replace("El gato", "El minino")
    write(target, edited)
    assert translate(tmp_path, "--layout", "jekyll", source).exit_code == 1
    assert read(target) == edited
    # Without our line it is theirs, whatever it says; with other line ends it is ours still.
    target.unlink()
    translate(tmp_path, "--layout", "hugo", source)
    ours = read(target)
    write(target, STAMP.sub("", ours))
    assert translate(tmp_path, "--layout", "jekyll", source).exit_code == 1
    write(target, ours.replace("\n", "\r\n"))
    assert translate(tmp_path, "--layout", "jekyll", source).exit_code == 0


def test_translations_named_along_with_their_source_are_left_out(tmp_path: Path) -> None:
    source = write(tmp_path / "chat.md", POST)
    translate(tmp_path, "--layout", "hugo", source)
    result = translate(tmp_path, source, source.with_name("chat.es.md"))
    assert result.exit_code == 0
    assert result.stderr == f"passerelle: warning: {source.with_name('chat.es.md')}: is a translation; left out\n"
    assert [path.name for path in (tmp_path / "translations").iterdir()] == ["chat"]


def test_what_no_layout_is_for_is_said(tmp_path: Path) -> None:
    text = write(tmp_path / "note.txt", "Le chat dort.\n")
    own = write(tmp_path / "translations" / "own" / "fr.md", "Le chat dort.\n")
    result = translate(tmp_path, "--layout", "hugo", text, own)
    assert result.exit_code == 0
    assert f"{text}: is no Markdown; left out of the layout for hugo\n" in result.stderr
    assert f"{own}: stands in the workspace alone, and nothing beside it; left out" in result.stderr
    broken = write(tmp_path / "note.md", "---\ntitle: [\n---\nLe chat dort.\n")
    result = translate(tmp_path, "--layout", "hugo", "--name", "autre", broken)
    assert result.exit_code == 1
    assert f"{broken}: no key can be added to its front matter; write its keys one a line\n" in result.stderr
    assert not (tmp_path / "note.es.md").exists()


def test_template_from_elsewhere_names_no_place_outside_the_workspace(tmp_path: Path) -> None:
    source, workspace = write(tmp_path / "chat.md", POST), tmp_path / "workspace"
    workspace.mkdir()
    assert translate(workspace, "--layout", "hugo", source).exit_code == 0
    (tmp_path / "chat.es.md").unlink()
    assert "left out of the layout" in translate(workspace, "--layout", "hugo", "chat").stderr
    assert not (tmp_path / "chat.es.md").exists()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Le chat dort.\n", '---\nlang: "es"\npublished: false\n---\n\nLE CHAT DORT.\n'),
        (
            "# Le *chat* `x`\r\n",
            '---\r\ntitle: "LE CHAT X"\r\nlang: "es"\r\npublished: false\r\n---\r\n\r\n# LE *CHAT* `X`\r\n',
        ),
        ("---\ntitle: a\nlang: fr\n---\nb\n", "---\npublished: false\ntitle: A\nlang: es\n---\nB\n"),
        ("---\npublished:\nlang: |\n  en\nx: 1\n---\nb\n", '---\npublished: false\nlang: "es"\nx: 1\n---\nB\n'),
        ("---\n  x: 1\n---\nb\n", '---\n  published: false\n  lang: "es"\n  x: 1\n---\nB\n'),
        (
            "+++\nlang = 'en'\n[a]\nlang = 'x'\n+++\nb\n",
            "+++\npublished = false\nlang = \"es\"\n[a]\nlang = 'x'\n+++\nB\n",
        ),
        ("---\n# x\n---\nb\n", '---\npublished: false\nlang: "es"\n# x\n---\nB\n'),
        ("---\nx\n---\nb\n", '---\nlang: "es"\npublished: false\n---\n\n---\nX\n---\nB\n'),
        ("---\n{x: 1}\n---\nb\n", None),
        ("---\npublished: [\n---\nb\n", None),
        ("---\nlang: [fr]\n---\nb\n", '---\npublished: false\nlang: "es"\n---\nB\n'),
        ("---\nx: " + "y" * 60_000 + "\n---\nb\n", None),
        ("+++\nx = '''\nlang = 1\n'''\n+++\nb\n", None),
    ],
)
def test_jekyll_has_the_language_in_front_matter(source: str, expected: str | None) -> None:
    text = render(source, "jekyll", reviewed=False)
    assert (text and STAMP.sub("", text)) == expected


def test_translation_key_is_the_sources_or_none() -> None:
    assert "translationKey: chat\n" in str(render("---\ntranslationKey: chat\n---\nb\n", "hugo"))
    assert "translationKey" not in str(render(POST, "hugo"))


def test_slug_of_the_language_is_the_translations() -> None:
    source = "---\nslug: { fr: un, es: uno }\n---\nb\n"
    assert STAMP.sub("", str(render(source, "hugo"))) == '---\nslug: "uno"\n---\nB\n'
    assert STAMP.sub("", str(render(source, "hugo", language="en"))) == source.replace("b\n", "B\n")


@pytest.mark.parametrize("path", sorted((CASES / "real").iterdir()), ids=lambda path: path.stem)
def test_real_files_change_in_nothing_else(path: Path) -> None:
    data = path.read_bytes()
    article = parse_article(data, path, "note")
    rows = [Row(segment, (Rendering("", State.EMPTY),)) for segment in segment_article(article)]
    text = render_translation(Publication(article, "fr", ("no",), tuple(rows)), "no", "hugo")
    assert text is not None
    plain = STAMP.sub("", text, count=1)
    matter = yaml.safe_load(re.split(r"^---\s*$", plain, maxsplit=2, flags=re.MULTILINE)[1])
    assert matter["draft"] is True
    assert plain.replace("draft: true\n", "", 1).replace("draft: true\r\n", "", 1).endswith(data.decode()[4:])


def test_languages_that_yaml_takes_for_words() -> None:
    changed = set_keys("---\nx: 1\n---\n", {"lang": "no"}, "")
    assert changed is not None
    assert yaml.safe_load(changed[0].split("---")[1]) == {"lang": "no", "x": 1}


def test_hugo_builds_a_site_of_it_whose_pages_are_linked(tmp_path: Path) -> None:
    if not shutil.which("hugo"):
        pytest.skip("Hugo is not installed (apt-get install hugo)")
    languages = "[languages.fr]\nweight = 1\n[languages.es]\nweight = 2\n"
    write(tmp_path / "config.toml", f'baseURL = "https://example.org/"\ndefaultContentLanguage = "fr"\n{languages}')
    page = "{{ .Title }}:{{ range .Translations }} {{ .RelPermalink }}{{ end }}"
    write(tmp_path / "layouts" / "_default" / "single.html", page)
    post, content = POST.replace("slug: le-chat\n", ""), tmp_path / "content" / "post"
    sources = [
        write(content / "chat" / "index.md", post),
        write(content / "clef" / "index.fr.md", '+++\ntitle = "La clef"\ntranslationKey = "k"\n+++\nLa clef dort.\n'),
        write(content / "seule.md", "Une page.\n"),
    ]
    assert translate(tmp_path, "--layout", "hugo", *sources).exit_code == 0

    def build(*options: str) -> dict[str, str]:
        shutil.rmtree(tmp_path / "public", ignore_errors=True)
        subprocess.run(["hugo", "--quiet", *options], cwd=tmp_path, check=True, capture_output=True)
        pages = (tmp_path / "public").rglob("post/*/index.html")
        return {path.parent.relative_to(tmp_path / "public").as_posix(): read(path) for path in pages}

    assert build() == {"post/chat": "Le chat:", "post/clef": "La clef:", "post/seule": ":"}
    linked = {
        "post/chat": "Le chat: /es/post/chat/",
        "post/clef": "La clef: /es/post/clef/",
        "post/seule": ": /es/post/seule/",
        "es/post/chat": "El gato: /post/chat/",
        "es/post/clef": "La llave: /post/clef/",
        "es/post/seule": ": /post/seule/",
    }
    assert build("--buildDrafts") == linked
    for catalog in (tmp_path / "translations").glob("*/es.po"):
        write(catalog, read(catalog).replace("#, fuzzy\n", ""))
    assert translate(tmp_path, "--layout", "hugo", "chat", "clef", "seule").exit_code == 0
    assert build() == linked


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab: #", max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["lang", "draft", "title", "a b", "x: y"]) | st.text(max_size=5), VALUES, max_size=5
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_front_matter_takes_keys_and_keeps_the_others(known: dict[str, object], newline: str) -> None:
    matter = yaml.safe_dump(known, allow_unicode=True, default_flow_style=False, sort_keys=False) if known else ""
    said = yaml.safe_load(matter) or {}
    source = f"---\n{matter}---\nBonjour.\n".replace("\n", newline)
    changed = set_keys(source, {"lang": "es", "draft": True}, "")
    if changed is None:  # where a word is expected stands a list or a table
        assert any(isinstance(known.get(key), list | dict) for key in ("lang", "draft"))
        return
    text, at = changed
    end = text.index(f"{newline}---{newline}Bonjour.")
    assert (text[:at], text[end:]) == (f"---{newline}", f"{newline}---{newline}Bonjour.{newline}")
    assert yaml.safe_load(text[at:end].replace("\r\n", "\n")) == said | {"lang": "es", "draft": True}


def test_names(tmp_path: Path) -> None:
    assert name_translation(Path("a/index.md"), "en") == Path("a/index.en.md")
    assert name_translation(Path("a/about.fr.md"), "en") == Path("a/about.en.md")
    assert name_translation(Path("_posts/2026-01-31-chat.markdown"), "es") == Path("_posts/2026-01-31-chat.es.markdown")
    source = tmp_path / "content" / "fr" / "a" / "index.md"
    assert name_translation(source, "en") == source.with_name("index.en.md")
    (tmp_path / "content" / "en").mkdir(parents=True)
    assert name_translation(source, "en") == tmp_path / "content" / "en" / "a" / "index.md"
