"""What a newsroom says of its site: the tables `[site]` and `[articles.NAME]` of `passerelle.toml`."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.errors import SettingsError

# A text in several languages; under "" the one for all others.
Texts = Mapping[str, str]

_LANGUAGE = re.compile("[a-z]{2,3}")
_SLUG = re.compile(r"\w[\w-]{0,99}")
_SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation."""

    text: Texts
    target: str


@dataclass(frozen=True, slots=True)
class ArticleSettings:
    """What is known of an article beside its text; `date` is ISO 8601, `slugs` are by language."""

    author: str = ""
    date: str = ""
    slugs: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The site as a whole; `base_url` ends with a slash or is "", `words` replace ours by language and key."""

    base_url: str = ""
    name: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    navigation: tuple[Link, ...] = ()
    words: Mapping[str, Texts] = field(default_factory=dict)
    articles: Mapping[str, ArticleSettings] = field(default_factory=dict)

    def article(self, name: str) -> ArticleSettings:
        """Return what is said of an article."""
        return self.articles.get(name, ArticleSettings())


def choose_text(texts: Texts, language: str) -> str:
    """Return the text in `language`, the one for all languages, or ""."""
    return texts.get(language, texts.get("", ""))


def is_safe_link(target: str) -> bool:
    """Tell whether a link may be shown: to the web, to an address of mail, or within the site."""
    # Browsers drop white space and control characters from a scheme (WHATWG URL, section 4.4).
    plain = re.sub(r"[\x00-\x20\x7f]", "", target)
    scheme = re.match(r"([^/?#]*?):", plain)
    return scheme is None or scheme[1].lower() in _SCHEMES


def is_slug(language: str, slug: str) -> bool:
    """Tell whether a text can stand in addresses as the slug of a language, or of all where that is ""."""
    return bool(_SLUG.fullmatch(slug)) and (not language or bool(_LANGUAGE.fullmatch(language)))


def read_site(site: object, articles: object, path: Path) -> SiteSettings:
    """Read the two tables; raises SettingsError for what makes no sense, `path` names the file."""
    table = _table(site, "site", path)
    _refuse_unknown(table, ("base_url", "name", "description", "navigation", "words"), "site", path)
    words = _table(table.get("words", {}), "site.words", path)
    return SiteSettings(
        base_url=_read_base(table.get("base_url", ""), path),
        name=_texts(table.get("name", ""), "site.name", path),
        description=_texts(table.get("description", ""), "site.description", path),
        navigation=_read_navigation(table.get("navigation", []), path),
        words={name: _texts(value, f"site.words.{name}", path, any_key=True) for name, value in words.items()},
        articles={
            name: _read_article(value, f"articles.{name}", path)
            for name, value in _table(articles, "articles", path).items()
        },
    )


def _read_base(value: object, path: Path) -> str:
    if value == "":
        return ""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        is_plain = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        is_plain = False
    if not isinstance(value, str) or not is_plain or re.search(r"[\s\"<>\\]", value):
        raise SettingsError(f"{path}: base_url is no web address", 'write base_url = "https://example.org/journal/"')
    return value.rstrip("/") + "/"


def _read_navigation(value: object, path: Path) -> tuple[Link, ...]:
    links = []
    for item in value if isinstance(value, list) else [value]:
        table = _table(item, "site.navigation", path)
        target = table.get("target")
        if not isinstance(target, str) or not is_safe_link(target):
            raise SettingsError(
                f"{path}: site.navigation: “{target}” is no link to show",
                "a target is an http, https or mailto address, or a path of the site",
            )
        links.append(Link(_texts(table.get("text", ""), "site.navigation.text", path), target))
    return tuple(links)


def _read_article(value: object, key: str, path: Path) -> ArticleSettings:
    table = _table(value, key, path)
    _refuse_unknown(table, ("author", "date", "slug"), key, path)
    slugs = _texts(table.get("slug", ""), f"{key}.slug", path)
    for slug in slugs.values():
        if not _SLUG.fullmatch(slug):
            raise SettingsError(f"{path}: {key}: “{slug}” is no slug", "write letters, digits and hyphens")
    author, date = table.get("author", ""), table.get("date", "")
    if isinstance(date, dt.date):  # TOML has dates of its own; a datetime is a date too
        date = date.isoformat()
    try:
        is_date = isinstance(date, str) and (not date or dt.datetime.fromisoformat(date))
    except ValueError:
        is_date = False
    if not isinstance(author, str) or not isinstance(date, str) or not is_date:
        raise SettingsError(f"{path}: {key}: author or date makes no sense", 'write author = "…", date = 2026-01-31')
    return ArticleSettings(author, date, slugs)


def _texts(value: object, key: str, path: Path, *, any_key: bool = False) -> Texts:
    """Read one text for all languages, or a table of texts by language."""
    if isinstance(value, str):
        return {"": value} if value else {}
    table = _table(value, key, path)
    texts = {name: text for name, text in table.items() if isinstance(text, str)}
    if len(texts) < len(table) or not (any_key or all(map(_LANGUAGE.fullmatch, texts))):
        raise SettingsError(f"{path}: {key} is neither a text nor one a language", 'write { fr = "…", en = "…" }')
    return texts


def _table(value: object, key: str, path: Path) -> dict[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: {key} is no table", f"write it under [{key}]")
    return value


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...], key: str, path: Path) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise SettingsError(f"{path}: {key}: unknown key “{unknown[0]}”", f"the keys are: {', '.join(known)}")
