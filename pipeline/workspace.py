"""Where things are in a workspace, and which article owns which name."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.settings import SOURCE

_RESERVED = ("memory",)
_NAMELESS = ("index", SOURCE)
_ORIGIN = re.compile(rb'^"X-Source-File: (.*)\\n"\r?$', re.MULTILINE)


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

    def catalog(self, language: str) -> Path:
        """Return the PO file of a language."""
        return self.path / f"{language}.po"

    def source(self, suffix: str) -> Path:
        """Return the article as received; `suffix` is that of the file it came from."""
        return self.path / f"{SOURCE}{suffix or '.txt'}"

    def origin(self, path: Path) -> str:
        """Return what the template records of where a source came from, relative to the workspace; "" for our copy."""
        if path.resolve().parent == self.path.resolve():
            return ""
        return Path(os.path.relpath(path.resolve(), self.workspace.resolve())).as_posix()


def name_article(path: Path, name: str | None = None) -> str:
    """Return the name of the article at `path`: its file's stem, or its folder's name for `index.*` and `fr.*`.

    Raises SourceError for a name that is no plain file name.
    """
    chosen = name or (path.resolve().parent.name if path.stem in _NAMELESS else path.stem)
    plain = chosen.isprintable() and chosen == chosen.strip() and not re.search(r'[/\\:*?"<>|]', chosen)
    if not plain or chosen.startswith(".") or chosen in _RESERVED or not chosen:
        raise SourceError(f"{path}: “{chosen}” cannot name an article", "choose a name with --name")
    return chosen


def claim_folder(workspace: Path, name: str, path: Path, data: bytes) -> ArticleFolder:
    """Return the folder of an article; `data` are the bytes of its source at `path`.

    Raises SourceError when another article from elsewhere has the name already.
    """
    folder = ArticleFolder(workspace, name)
    origin, copy = folder.origin(path), folder.source(path.suffix)
    if origin and copy.exists() and copy.read_bytes() != data and _recorded_origin(folder) != origin:
        raise SourceError(f"{path}: {copy} is another article of this name", "choose another name with --name")
    return folder


def _recorded_origin(folder: ArticleFolder) -> str | None:
    try:
        match = _ORIGIN.search(folder.template.read_bytes())
    except OSError:
        return None
    return match[1].decode(errors="replace") if match else None
