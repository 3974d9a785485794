"""Slugs that articles name themselves, in the front matter of their sources."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.files import read_file
from pipeline.formats import MARKDOWN_SUFFIXES
from pipeline.formats.slugs import read_slugs
from pipeline.site.config import SiteSettings, is_slug
from pipeline.workspace import ArticleFolder

_OPENINGS = (b"---", b"+++", b"\xef\xbb\xbf")


def add_slugs(site: SiteSettings, folders: Iterable[ArticleFolder], warnings: list[str]) -> SiteSettings:
    """Return the settings with the slugs of those articles for which they have none.

    Of each source the front matter alone is looked at: all articles are, in every run, since no two may have one path.
    What is no slug is left out, with a line in `warnings`.
    """
    articles = dict(site.articles)
    for folder in folders:
        known = site.article(folder.name)
        if not known.slugs and (slugs := dict(_read(folder, warnings))):
            articles[folder.name] = replace(known, slugs=slugs)
    return replace(site, articles=articles)


def _read(folder: ArticleFolder, warnings: list[str]) -> Iterator[tuple[str, str]]:
    with suppress(PipelineError):  # who publishes the article says what is wrong
        path = folder.find_source()
        for language, slug in _read_source(path).items():
            if is_slug(language, slug):
                yield language, slug
            else:
                warnings.append(f"{path}: “{slug}” is no slug: write letters, digits and hyphens; left out")


def _read_source(path: Path) -> Mapping[str, str]:
    if path.suffix.lower() not in MARKDOWN_SUFFIXES:
        return {}
    data = read_file(path) or b""
    return read_slugs(data.decode(errors="replace").removeprefix("\ufeff")) if data.startswith(_OPENINGS) else {}
