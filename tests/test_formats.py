"""What is no article says so in one line; what is one is written back byte for byte but for its words."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from pipeline.article import Article
from pipeline.errors import SourceError
from pipeline.formats import markdown, parse_article, read_article
from pipeline.formats.rebuild import rebuild
from pipeline.language import guess_language
from pipeline.segment import Segment, segment_article

ROOT = Path(__file__).parents[1]

SPANISH = """Esta es una noticia que se publicó ayer en los periódicos de la ciudad, y que todos han leído con mucho
interés porque habla de lo que pasa en el barrio donde viven desde hace muchos años."""
ENGLISH = """This is the story that was published yesterday in the papers of the city, and that everyone has read
because it tells what happens in the street where they have lived for many years."""


def article(tmp_path: Path, data: bytes, name: str = "a.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no text"),
        (b"Un.\n\n<<<<<<< HEAD\nDeux.\n=======\nTrois.\n>>>>>>> autre\n", ":3: has conflict markers; resolve"),
        (b"Un.\r\n\r\n>>>>>>>\r\nDeux.", ":3: has conflict markers; resolve"),
        (b" \r\n\xc2\xa0\n", "holds no text"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "is a binary file"),
        (bytes(range(256)), "is a binary file"),
        ("Été".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("Un\ndeux\ntrois é".encode("latin-1"), r"a\.txt:3: is not UTF-8 \(byte 0xe9 at column 7\)"),
        (b"a" * 10_000_001, r"10 MB is more than an article"),
    ],
)
def test_what_is_no_article(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_article(article(tmp_path, data), "a")


def test_no_file_a_folder_and_a_format_that_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no such file; check the path"):
        read_article(tmp_path / "a.txt", "a")
    with pytest.raises(SourceError, match=r"is a folder; name the article's file in it"):
        read_article(tmp_path, "a")
    with pytest.raises(SourceError, match=r"\.docx files are not read; save the article as plain text, Markdown"):
        read_article(article(tmp_path, b"PK", "a.docx"), "a")


def test_bom_and_newlines_are_layout(tmp_path: Path) -> None:
    read = read_article(article(tmp_path, "\ufeffTitre\r\n\r\nUne phrase.\r\n".encode()), "a")
    assert [block.text for block in read.blocks] == ["Titre", "Une phrase."]
    assert read.title == "Titre"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ((ROOT / "translations" / "russie-chine-ia" / "fr.txt").read_text(encoding="utf-8"), "fr"),
        (SPANISH, "es"),
        (ENGLISH, "en"),
        ("Sberbank, GPU, IA.", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert guess_language(text) == language


CASES = ROOT / "tests" / "cases"
REAL = sorted([*CASES.glob("markdown/**/*.md"), *CASES.glob("html/**/*.html")])
EXAMPLES = [
    (f"example {example['example']}", example["markdown"])
    for example in json.loads((CASES / "markdown" / "commonmark-spec.json").read_text(encoding="utf-8"))
]
# In one the parser joins what stood on two lines, so that what was no link is one; the other has a character whose
# capital is another character.
EXCEPTIONS = {"example 25", "example 491"}


def render(source: str, suffix: str) -> str:
    """Return what a reader sees, by a parser of another kind than ours, without regard for capitals and white space."""
    if suffix == ".md":
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin)
        page = parser.use(front_matter_plugin).render(source)
    else:
        tree = lxml.html.document_fromstring(source.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
        page = lxml.html.tostring(tree, encoding="unicode")
    page = re.sub(r"<br ?/?>\s*", "<br>", page.casefold())
    return re.sub(r"\s+", " ", page)


@pytest.mark.parametrize("path", REAL, ids=[str(path.relative_to(CASES)) for path in REAL])
def test_a_file_is_written_back(path: Path, shout: Callable[[Segment], str]) -> None:
    data = path.read_bytes()
    article = parse_article(data, path, "a")
    segments = segment_article(article)
    assert rebuild(article, [(segment, segment.text) for segment in segments]) == data
    changed = rebuild(article, [(segment, shout(segment)) for segment in segments])
    assert changed != data
    assert render(changed.decode(article.encoding), path.suffix) == render(article.source, path.suffix)
    assert [block.kind for block in parse_article(changed, path, "a").blocks] == [b.kind for b in article.blocks]


def test_plain_text_is_written_back(tmp_path: Path) -> None:
    data = "\ufeffTitre\r\n\r\n- Un point. Deux.\r\n".encode()
    article = parse_article(data, tmp_path / "a.txt", "a")
    title, first, second = segment_article(article)
    assert rebuild(article, [(title, title.text), (first, first.text), (second, "Two.")]) == data.replace(
        b"Deux", b"Two"
    )


@pytest.mark.parametrize(("name", "source"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_is_written_back(name: str, source: str, shout: Callable[[Segment], str]) -> None:
    for variant in (source, source.replace("\n", "\r\n"), source.rstrip("\n")):
        article = Article("a", variant, markdown.read_blocks(variant)[0])
        segments = segment_article(article)
        assert rebuild(article, [(segment, segment.text) for segment in segments]) == variant.encode()
        changed = rebuild(article, [(segment, shout(segment)) for segment in segments]).decode()
        if name not in EXCEPTIONS:
            assert render(changed, ".md") == render(variant, ".md")
