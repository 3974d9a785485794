"""What is published of an article: which languages, which of their texts, and under which addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import quote

from pipeline.errors import SettingsError
from pipeline.publication import Publication, Rendering, State
from pipeline.site.config import SiteSettings

# Files at the top of the site, which no folder of an article may be called.
_TOP = re.compile(r"(index|feed)(\.[a-z]{2,3})?\.(html|xml)|sitemap\.xml|robots\.txt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a translation is published: `keep` is the least share of its words reviewed, in percent.

    With `draft` everything is published, unreviewed texts too, and marked as what it is.
    """

    keep: float = 80
    draft: bool = False

    def admit(self, share: "Share") -> bool:
        """Tell whether a translation of which so much is reviewed is published."""
        return self.draft or share.reviewed * 100 >= self.keep * share.words


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an article is reviewed in one language, in words of the source."""

    language: str
    reviewed: int
    words: int

    @property
    def percent(self) -> int:
        """The share in percent, rounded down: 80 is said when 80 is reached."""
        return 100 * self.reviewed // self.words if self.words else 100


@dataclass(frozen=True, slots=True)
class Edition:
    """A page of an article in one language, as it stands in the site; `path` is relative to the root.

    `title` and `summary` are texts with their languages, for passages that are not translated; `links` the pages of
    the article that this one offers; `size` is in bytes, `updated` an ISO date or "".
    """

    language: str
    path: str
    title: tuple[str, str]
    summary: tuple[str, str]
    updated: str
    base_url: str
    is_draft: bool = False
    links: tuple[str, ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """An article in the site: what the index, the feeds and the next run need to know of it.

    `digest` is over all that its pages are made of, `aligned` the path and size of the page with all languages, or
    ("", 0).
    """

    name: str
    digest: str
    author: str
    date: str
    editions: tuple[Edition, ...]
    aligned: tuple[str, int]
    shares: tuple[Share, ...]

    def files(self) -> dict[str, int]:
        """Return the paths of its pages with their sizes."""
        files = {edition.path: edition.size for edition in self.editions}
        return files | dict([self.aligned] if self.aligned[0] else [])

    def edition(self, language: str) -> Edition | None:
        """Return the page in a language, if there is one."""
        return next((edition for edition in self.editions if edition.language == language), None)

    def alternates(self, edition: Edition) -> list[Edition]:
        """Return the pages that are the same article to a search engine, in the order of the languages.

        Google's rule: a page counts only where each of the two names the other. Drafts are not for search engines.
        """
        return [
            other
            for other in self.editions
            if not other.is_draft
            and not edition.is_draft
            and other.base_url == edition.base_url
            and (other is edition or (edition.path in other.links and other.path in edition.links))
        ]


def measure(publication: Publication) -> tuple[Share, ...]:
    """Return how much of each language is reviewed."""
    sizes = [len(row.segment.text.split()) for row in publication.rows]
    shares = []
    for language in publication.targets:
        states = (publication.rendering(row, language).state for row in publication.rows)
        reviewed = sum(size for size, state in zip(sizes, states, strict=True) if state is State.REVIEWED)
        shares.append(Share(language, reviewed, sum(sizes)))
    return tuple(shares)


def select(publication: Publication, languages: Sequence[str], *, draft: bool) -> Publication:
    """Return the publication in some languages; without `draft` only texts that are reviewed stay."""
    columns = [publication.targets.index(language) for language in languages]
    rows = tuple(
        replace(row, renderings=tuple(_redact(row.renderings[at], draft=draft) for at in columns))
        for row in publication.rows
    )
    return replace(publication, targets=tuple(languages), rows=rows)


def _redact(rendering: Rendering, *, draft: bool) -> Rendering:
    return rendering if draft or rendering.state is State.REVIEWED else Rendering("", rendering.state)


def page_path(article: str, language: str, site: SiteSettings) -> str:
    """Return the path of a page; a slug stands for the article's name in one language."""
    slugs = site.article(article).slugs
    return f"{slugs.get(language, slugs.get('', article))}/{language}.html"


def aligned_path(article: str, source: str, site: SiteSettings) -> str:
    """Return the path of the page with all languages, beside that of the source language."""
    return f"{page_path(article, source, site).partition('/')[0]}/aligned.html"


def check_paths(articles: Mapping[str, Sequence[str]], site: SiteSettings) -> None:
    """Raise SettingsError where two pages would have one path, also where a disk knows no capitals.

    `articles` has the languages of each article by its name, the source language first.
    """
    owners: dict[str, str] = {}
    for article, languages in articles.items():
        for path in [page_path(article, language, site) for language in languages] + [
            aligned_path(article, languages[0], site)
        ]:
            folder = path.partition("/")[0]
            owner = owners.setdefault(path.casefold(), article)
            if owner != article or _TOP.fullmatch(folder):
                taken = f"“{owner}” has it" if owner != article else "the site needs it for itself"
                raise SettingsError(
                    f"the pages of “{article}” cannot stand in “{folder}”: {taken}",
                    f"write another slug under [articles.{article}] in passerelle.toml",
                )


def link(origin: str, target: str) -> str:
    """Return the address of `target` as the page `origin` writes it; both are paths relative to the root."""
    return _climb(origin) + quote(target)


def link_out(origin: str, target: str) -> str:
    """Return a link that a person wrote as the page `origin` writes it: one within the site begins at its root."""
    is_within = not re.match(r"[^/?#]*:|/|#", target)
    return _climb(origin) + target if is_within else target


def _climb(origin: str) -> str:
    return "../" * (len(PurePosixPath(origin).parts) - 1)


def address(base_url: str, path: str) -> str:
    """Return the whole address of a path; an index is its folder."""
    return base_url + quote("" if path == "index.html" else path)
