"""An article under another name: its folders and the files in them that bear it."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.catalog import parse_catalog
from pipeline.errors import CatalogError, SourceError
from pipeline.files import read_file, update_file
from pipeline.workspace import ArticleFolder, find_fault, list_articles

# The files that bear the name of their article; no others do, though an article may be called `es` or `drafts`.
_TEMPLATE, _EXPORTS = (".pot",), (".tmx", ".drafts.tmx")


def rename_article(workspace: Path, old: str, new: str) -> tuple[Path, ...]:
    """Move the folders of an article to another name; return the new ones.

    The catalogs keep all that they hold; only `Project-Id-Version` follows where it is the old name. Broken off in
    between, it can be run again. Raises SourceError where there is no such article, or another of the new name.
    """
    before = ArticleFolder(workspace, old)
    after = ArticleFolder(workspace, new)
    if fault := find_fault(new):
        raise SourceError(fault, "choose another name")
    if before not in list_articles(workspace):
        raise SourceError(
            f"{old}: no such article in {workspace / 'translations'}", "give the name of its folder there"
        )
    # Pages under the new name alone were moved by a run that was broken off.
    taken = [after.path, *([after.drafts] if before.drafts.exists() else [])]
    for path in taken:
        if path.exists():
            raise SourceError(f"{path}: is there already", "choose another name")
    for path in [before.template, *map(before.catalog, before.languages())]:
        _rename_project(path, old, new)
    # The folder of the article goes last: until then it is where it was, and what was done is found done.
    moved = []
    for folder, target, endings in ((before.drafts, after.drafts, _EXPORTS), (before.path, after.path, _TEMPLATE)):
        if folder.is_dir():
            for ending in endings:
                with suppress(FileNotFoundError):
                    (folder / f"{old}{ending}").rename(folder / f"{new}{ending}")
            folder.rename(target)
            moved.append(target)
    return tuple(moved)


def _rename_project(path: Path, old: str, new: str) -> None:
    if read_file(path) is None:
        return
    line, other = f'"Project-Id-Version: {old}\\n"', f'"Project-Id-Version: {new}\\n"'

    def update(data: bytes | None) -> bytes:
        catalog = parse_catalog(data or b"", path)
        entries = [replace(e, raw=e.raw.replace(line, other)) if e.is_header else e for e in catalog.entries]
        return replace(catalog, entries=tuple(entries)).render()

    try:
        update_file(path, update)
    except CatalogError:
        return  # it moves as it is
