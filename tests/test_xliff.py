"""XLIFF files and the other exports of `publish`, as translators' tools read them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from translate.storage.tmx import tmxfile
from translate.storage.xliff import xlifffile

from pipeline.article import Article, Block, Kind
from pipeline.cli import main
from pipeline.exports.xliff import render_xliff
from pipeline.publication import Publication, Rendering, Row, State, drop_controls
from pipeline.segment import Segment

if TYPE_CHECKING:
    from conftest import Newsroom

_NAMESPACE = {"x": "urn:oasis:names:tc:xliff:document:1.2"}


def _publish(*pairs: tuple[str, Rendering], name: str = "essai") -> Publication:
    blocks = tuple(Block(Kind.PARAGRAPH, text, 0, 1) for text, _ in pairs)
    rows = tuple(
        Row(Segment(number, Kind.PARAGRAPH, text, 1, ""), (rendering,), ("chat",) if number == 1 else ())
        for number, (text, rendering) in enumerate(pairs)
    )
    return Publication(Article(name, "", blocks), "fr", ("en",), rows)


_ARTICLE = _publish(
    ("Le titre", Rendering("The title", State.REVIEWED)),
    ("Un chat.", Rendering("A cat.", State.DRAFT, 0.834, ("unknown: chat",))),
    ("Un chien.", Rendering("A dog.", State.TOUCHED)),
    ("Rien.", Rendering("", State.EMPTY)),
    ("Publicité", Rendering("<empty>", State.REVIEWED)),
)


def test_each_state_has_its_name_in_xliff() -> None:
    file = render_xliff(_ARTICLE, "en")
    assert file.name == "essai.en.xlf"
    units = etree.fromstring(file.text.encode()).findall(".//x:trans-unit", _NAMESPACE)
    targets = [dict(unit.find("x:target", _NAMESPACE).attrib) for unit in units]
    assert [unit.get("approved") for unit in units] == ["yes", None, None, None, "yes"]
    assert targets == [
        {"state": "final"},
        {"state": "needs-review-translation", "state-qualifier": "mt-suggestion"},
        {"state": "needs-review-translation"},
        {"state": "needs-translation"},
        {"state": "final"},
    ]
    assert units[4].findtext("x:target", namespaces=_NAMESPACE) == ""


def test_translate_toolkit_reads_the_file() -> None:
    store = xlifffile.parsestring(render_xliff(_ARTICLE, "en").text.encode())
    units = [unit for unit in store.units if unit.istranslatable()]
    assert (store.sourcelanguage, store.targetlanguage) == ("fr", "en")
    assert [(unit.source, unit.target or "") for unit in units] == [
        ("Le titre", "The title"),
        ("Un chat.", "A cat."),
        ("Un chien.", "A dog."),
        ("Rien.", ""),
        ("Publicité", ""),
    ]
    assert [unit.isapproved() for unit in units] == [True, False, False, False, True]
    assert units[1].getnotes() == "terms: chat\nengine score: 0.83\nunknown: chat"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(min_size=1))
def test_any_text_is_read_back(text: str, name: str) -> None:
    publication = _publish((text, Rendering(text, State.DRAFT)), name=name)
    root = etree.fromstring(render_xliff(publication, "en").text.encode(errors="replace"))
    assert root.findtext(".//x:target", namespaces=_NAMESPACE) == drop_controls(text)
    assert root.findtext(".//x:source", namespaces=_NAMESPACE) == drop_controls(text)


def _export(newsroom: "Newsroom", *arguments: str) -> dict[str, Path]:
    CliRunner().invoke(main, ["publish", "--exports", "--workspace", str(newsroom.path), *arguments])
    return {path.name: path for path in (newsroom.path / "out" / "exports" / "russie-chine-ia").iterdir()}


def test_exports_stand_beside_the_site_and_never_in_it(newsroom: "Newsroom") -> None:
    newsroom.add_sample(en=36, es=3)
    files = _export(newsroom)
    name = "russie-chine-ia"
    expected = {f"{name}.tmx", f"{name}.drafts.tmx", f"{name}.en.xlf", f"{name}.es.xlf", "aligned.tsv"}
    assert set(files) == expected | {"fr.md", "en.md"}
    assert not [path for path in newsroom.site.rglob("*") if path.name in files]
    for language, reviewed in (("en", 36), ("es", 3)):
        store = xlifffile.parsestring(files[f"{name}.{language}.xlf"].read_bytes())
        assert sum(unit.isapproved() for unit in store.units) == reviewed
        assert len(store.units) == 41
    memory = tmxfile.parsestring(files[f"{name}.tmx"].read_bytes(), "fr", "en")
    assert len(memory.units) == 36
    assert len(tmxfile.parsestring(files[f"{name}.drafts.tmx"].read_bytes(), "fr", "en").units) == 41


def test_markdown_has_front_matter_for_hugo_and_jekyll(newsroom: "Newsroom") -> None:
    newsroom.add_sample(en=41, es=3)
    newsroom.configure('[articles.russie-chine-ia]\nauthor = "A: \\"B\\""\ndate = 2025-01-15\nslug = { en = "ai" }')
    text = _export(newsroom, "--draft")["en.md"].read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    fields = {key: json.loads(value) for key, _, value in (line.partition(": ") for line in front.splitlines())}
    assert fields["title"].startswith("Russia")
    assert (fields["author"], fields["date"], fields["slug"]) == ('A: "B"', "2025-01-15", "ai")
    assert (fields["lang"], fields["translationKey"], fields["draft"]) == ("en", "russie-chine-ia", False)
    assert body.startswith("\n## ")
    spanish = _export(newsroom, "--draft")["es.md"].read_text(encoding="utf-8")
    assert "draft: true\n" in spanish
