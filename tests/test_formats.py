"""What is no article says so in one line, with the file, the fact and the next step."""

from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.formats import read_article
from pipeline.language import guess_language

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
    with pytest.raises(SourceError, match=r"\.docx files are not read; save the article as plain text"):
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
