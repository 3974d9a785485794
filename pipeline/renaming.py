"""An article under another name: its folders and the files in them that bear it."""

from dataclasses import replace
from pathlib import Path

from pipeline.catalog import parse_catalog
from pipeline.errors import CatalogError, SourceError
from pipeline.files import read_file, update_file
from pipeline.workspace import ArticleFolder, name_article


def rename_article(workspace: Path, old: str, new: str) -> tuple[Path, ...]:
    """Move the folders of an article to another name; return the new ones.

    The catalogs keep all that they hold; only `Project-Id-Version` follows where it is the old name. Broken off in
    between, it can be run again. Raises SourceError where there is no such article, or another of the new name.
    """
    before = ArticleFolder(workspace, old)
    after = ArticleFolder(workspace, name_article(Path(new), new))
    if not before.path.is_dir():
        raise SourceError(f"{before.path}: no such article", "its name is that of its folder in translations/")
    for path in (after.path, after.drafts):
        if path.exists():
            raise SourceError(f"{path}: is there already", "choose another name")
    for path in [before.template, *map(before.catalog, before.languages())]:
        _rename_project(path, old, new)
    # The folder goes last: until then the article is where it was, and what was done is found done.
    moved = []
    for folder, target in ((before.drafts, after.drafts), (before.path, after.path)):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.name.startswith(f"{old}."):
                    path.rename(folder / (new + path.name.removeprefix(old)))
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
