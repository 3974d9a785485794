"""Where things are in a workspace, and which article owns which name."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog import parse_catalog, read_header
from pipeline.errors import SourceError
from pipeline.files import read_file
from pipeline.formats import HTML_SUFFIXES, MARKDOWN_SUFFIXES, SUFFIXES
from pipeline.settings import SOURCE

_RESERVED = ("memory",)
_LONGEST_NAME = 200  # bytes; file systems take 255, with our endings and temporary names
_NAMELESS = ("index", "_index", f"index.{SOURCE}", f"_index.{SOURCE}", SOURCE)
_LEFTOVER = re.compile(r"\.g?mo$|\.pot?(~|\.(bak|orig|rej|old|save|swp|tmp|new)|\.~\d+~)$", re.IGNORECASE)
# Header fields of the template: where a source came from, and what was copied then.
ORIGIN, DIGEST = "X-Source-File", "X-Source-Digest"
# And that only the article of a page was taken: "main".
PART, MAIN = "X-Source-Part", "main"


@dataclass(frozen=True, slots=True)
class ArticleFolder:
    """The files of an article: `translations/<name>/` and `out/drafts/<name>/` of a workspace."""

    workspace: Path
    name: str

    @property
    def path(self) -> Path:
        """The folder of the source and the catalogs."""
        return self.workspace / "translations" / self.name

    @property
    def drafts(self) -> Path:
        """The folder of the draft pages."""
        return self.workspace / "out" / "drafts" / self.name

    @property
    def template(self) -> Path:
        """The POT file."""
        return self.path / f"{self.name}.pot"

    @property
    def ledger(self) -> Path:
        """The ledger of drafts."""
        return self.path / "drafts.tsv"

    @property
    def is_main(self) -> bool:
        """Whether the source is the article of a page, without what the site puts around it."""
        return read_header(read_file(self.template), PART) == MAIN

    def catalog(self, language: str) -> Path:
        """Return the PO file of a language."""
        return self.path / f"{language}.po"

    def source(self, path: Path) -> Path:
        """Return our copy of the article at `path`; the file itself when it stands in the folder already."""
        if not self.origin(path):
            return path
        name = name_copy(path)
        return next((copy for copy in self.sources() if name_copy(copy) == name), self.path / name)

    def sources(self) -> tuple[Path, ...]:
        """Return the files that may be the article, `fr.txt`, `fr.md`, `fr.html`: one, but for people's mistakes."""
        copies = sorted(self.path.glob(f"{SOURCE}.*"))
        return tuple(path for path in copies if path.suffix.lower() in SUFFIXES)

    def find_source(self) -> Path:
        """Return the source: `fr.*`, or the file that the template refers to.

        Raises SourceError where there is none, or two.
        """
        copies = self.sources()
        if len(copies) > 1:
            names = " and ".join(path.name for path in copies)
            raise SourceError(f"{self.path}: holds {names}", "keep the one that is the article, and move the others")
        if copies:
            return copies[0]
        for entry in parse_catalog(read_file(self.template) or b"", self.template).entries:
            for name in entry.references:
                if name == Path(name).name and (self.path / name).is_file():
                    return self.path / name
        raise SourceError(f"{self.path}: holds no article", "translate one first")

    def languages(self) -> tuple[str, ...]:
        """Return the languages that have a catalog, in alphabetical order."""
        return tuple(sorted(path.stem for path in self.path.glob("*.po") if re.fullmatch("[a-z]{2,3}", path.stem)))

    def leftovers(self) -> tuple[str, ...]:
        """Return the names of backups and compiled catalogs that editors leave, in alphabetical order."""
        return tuple(sorted(path.name for path in self.path.glob("*") if _LEFTOVER.search(path.name)))

    def find_original(self, path: Path) -> Path | None:
        """Return the file that our copy was made of, `path` where it is not that copy; None where nobody knows.

        What the template says counts only within the workspace: a catalog from elsewhere names no other place.
        """
        if self.origin(path):
            return path
        original = self.workspace / read_header(read_file(self.template), ORIGIN)
        is_inside = original.resolve().is_relative_to(self.workspace.resolve())
        return original if is_inside and original.is_file() else None

    def origin(self, path: Path) -> str:
        """Return what the template records of where a source came from, relative to the workspace; "" for our copy."""
        folder = path.parent.resolve()  # a linked article is where its link is
        if folder == self.path.resolve():
            return ""
        relative = Path(os.path.relpath(folder / path.name, self.workspace.resolve())).as_posix()
        return os.fsencode(relative).decode(errors="replace")


def list_articles(workspace: Path) -> list[ArticleFolder]:
    """Return the articles of a workspace, in the order of their names."""
    folders = sorted((workspace / "translations").glob("*/"))
    return [ArticleFolder(workspace, p.name) for p in folders if p.name not in _RESERVED and not p.name.startswith(".")]


def find_article(workspace: Path, article: str) -> tuple[ArticleFolder, Path]:
    """Return the folder of an article, given by its name or the path of its source, and that source.

    Raises SourceError where it was never translated, or holds two sources.
    """
    folder = ArticleFolder(workspace, article)
    if not folder.path.is_dir():
        folder = ArticleFolder(workspace, name_article(Path(article)))
    if read_file(folder.template) is None:
        raise SourceError(f"{article}: no such article in {workspace / 'translations'}", "translate it first")
    return folder, folder.find_source()


def find_source(workspace: Path, path: Path) -> Path:
    """Return the source of an article that is called by its name alone; any other path as it is."""
    if len(path.parts) != 1 or find_fault(path.name) or path.exists():
        return path
    return next(iter(ArticleFolder(workspace, path.name).sources()), path)


def find_sources(workspace: Path, paths: Iterable[Path | str]) -> Iterator[Path]:
    """Yield the files of articles, as `find_source` does; the same file by two names is one article."""
    known: set[bytes] = set()  # of a million articles two digests are the same once in 10^17 runs
    for path in (find_source(workspace, Path(path)) for path in paths):
        digest = hashlib.sha256(os.fsencode(os.path.realpath(path))).digest()[:12]
        if digest not in known:
            known.add(digest)
            yield path


def name_copy(path: Path) -> str:
    """Return the name of our copy of an article: its ending says the format."""
    suffix = path.suffix.lower()
    ending = "md" if suffix in MARKDOWN_SUFFIXES else "html" if suffix in HTML_SUFFIXES else "txt"
    return f"{SOURCE}.{ending}"


def name_article(path: Path, name: str | None = None) -> str:
    """Return the name of the article at `path`: its file's stem, or its folder's name for `index.*` and `fr.*`.

    Raises SourceError for a name that is no plain file name.
    """
    chosen = name or (path.parent.resolve().name if path.stem in _NAMELESS else path.stem)
    if fault := find_fault(chosen):
        raise SourceError(f"{path}: {fault}", "choose another name with --name")
    return chosen


def find_fault(name: str) -> str:
    """Say why a name cannot be that of an article; "" where it can."""
    if len(name.encode(errors="replace")) > _LONGEST_NAME:
        return f"“{name[:40]}…” is too long a name"
    is_plain = name.isprintable() and name == name.strip() and not re.search(r'[/\\:*?"<>|]', name)
    is_fit = is_plain and name and not name.startswith(".") and name not in _RESERVED
    return "" if is_fit else f"“{name}” cannot name an article"


def claim_folder(workspace: Path, name: str, path: Path, data: bytes) -> ArticleFolder:
    """Return the folder of an article; `data` are the bytes of its source at `path`.

    Raises SourceError when another article from elsewhere has the name already, or this one in another format, when
    our copy of this one was edited in its place, and when there are two copies.
    """
    folder = ArticleFolder(workspace, name)
    if not folder.sources():
        return folder
    copy = folder.find_source()
    known = read_file(copy) or b""
    if not folder.origin(path) or (folder.source(path) == copy and data == known):
        return folder
    if folder.source(path) != copy:
        hint = f"choose another name with --name; if it is the same article in another format, move {copy} away"
        raise SourceError(f"{path}: {copy} is another article of this name", f"{hint}: its catalogs stay")
    template = read_file(folder.template)
    if read_header(template, ORIGIN) != folder.origin(path):
        hint = f"choose another name with --name; if it is the same article, copy it to {copy} and translate that"
        raise SourceError(f"{path}: {copy} is another article of this name", hint)
    if read_header(template, DIGEST) not in {"", digest_source(known)}:
        hint = f"translate {copy} itself, or put its changes into {path} and delete it"
        raise SourceError(f"{path}: {copy} was edited since it was copied from there", hint)
    return folder


def digest_source(data: bytes) -> str:
    """Return sixteen hexadecimal digits for the bytes of an article."""
    return hashlib.sha256(data).hexdigest()[:16]
