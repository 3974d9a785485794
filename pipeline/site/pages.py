"""The pages of an article in the site: one a language, and all languages side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.interface import Interface, read_interface
from pipeline.nodes import Outline, Piece
from pipeline.publication import OutputFile, Publication, State, join_lines
from pipeline.richtext.plain import read_title
from pipeline.site.config import SiteSettings, choose_text
from pipeline.site.plan import Card, Edition, address, link, link_out
from pipeline.site.theme import Theme
from pipeline.site.words import Words, read_words

_LONGEST_SUMMARY = 280


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the language switcher; `language` is "" for the page with all languages."""

    name: str
    path: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Alternate:
    """A page for search engines: its language (or x-default) and its whole address."""

    language: str
    address: str


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages are rendered with; `source` is the language of the articles."""

    settings: SiteSettings
    theme: Theme
    source: str

    def words(self, language: str) -> Words:
        """Return the words of the site in a language."""
        return read_words(language, self.settings)

    def name(self, language: str) -> str:
        """Return the name of the site, or what it holds where it has none."""
        return join_lines(choose_text(self.settings.name, language)) or self.words(language).articles

    def home(self, language: str) -> str:
        """Return the path of the index in a language; that of the source language is the site's."""
        return "index.html" if language == self.source else f"index.{language}.html"

    def alternates(self, pages: Sequence[tuple[str, str]]) -> tuple[Alternate, ...]:
        """Return the alternates of (language, path) pairs, with the source language as the default.

        Without a base URL there are none: search engines want whole addresses.
        """
        if not self.settings.base_url:
            return ()
        found = [Alternate(language, address(self.settings.base_url, path)) for language, path in pages]
        defaults = [alternate.address for alternate in found if alternate.language == self.source]
        return (*found, *(Alternate("x-default", default) for default in defaults))

    def frame(self, path: str, language: str, switcher: Sequence[Choice]) -> dict[str, Any]:
        """Return what `site/base.html` needs for the page at `path`."""
        base, words = self.settings.base_url, self.words(language)
        others = (choice.language for choice in switcher if choice.language not in {"", language})
        return {
            "path": path,
            "page": language,
            "language": language,
            "words": words,
            "interface": read_interface(language),
            "site_name": self.name(language),
            "home": self.home(language),
            "feed_language": language,
            "navigation": [
                {"text": choose_text(item.text, language) or item.target, "target": link_out(path, item.target)}
                for item in self.settings.navigation
            ],
            "switcher": switcher,
            "other_locales": [self.words(other).locale for other in others],
            "canonical": address(base, path) if base else "",
            "alternates": (),
            "description": "",
            "is_hidden": False,
            "to": lambda target: link(path, target),
        }


@dataclass(frozen=True, slots=True)
class Heads:
    """What the index says of an article in one language: texts with their languages."""

    title: tuple[str, str]
    summary: tuple[str, str]


def read_heads(publication: Publication, outline: Outline, language: str) -> Heads:
    """Return the title and the beginning of the text."""
    title = _join(outline.title, language) if outline.title else ("", language)
    text, spoken = _join(outline.lead, language) if outline.lead else ("", language)
    if len(text) > _LONGEST_SUMMARY:
        text = text[:_LONGEST_SUMMARY].rsplit(" ", 1)[0].rstrip(" ,;:—–-") + "…"
    title = (join_lines(title[0]), title[1]) if title[0] else (join_lines(publication.article.name), publication.source)
    return Heads(title, (join_lines(text), spoken))


def _join(pieces: Sequence[Piece], language: str) -> tuple[str, str]:
    spoken = {piece.language for piece in pieces}
    return " ".join(piece.text for piece in pieces), spoken.pop() if len(spoken) == 1 else language


def _switch(card: Card, interface: Interface) -> tuple[Choice, ...]:
    """Return the language switcher of an article's pages: what there is, and nothing else."""
    choices = [Choice(read_interface(e.language).name, e.path, e.language) for e in card.editions]
    return (*choices, *([Choice(interface.aligned, card.aligned[0])] if card.aligned[0] else []))


def render_edition(site: Site, publication: Publication, outline: Outline, card: Card, edition: Edition) -> OutputFile:
    """Render the page of an article in one language; `card` has all pages that it has or will have."""
    language = edition.language
    interface = read_interface(language)
    frame = site.frame(edition.path, language, _switch(card, interface))
    original = card.edition(publication.source)
    alternates = [(other.language, other.path) for other in card.alternates(edition)]
    values = frame | {
        "publication": publication,
        "outline": outline,
        "title": edition.title[0],
        "description": edition.summary[0],
        "author": card.author,
        "date": card.date,
        "updated": edition.updated,
        "is_updated": bool(edition.updated) and edition.updated[:10] > card.date[:10],
        "is_hidden": edition.is_draft,
        "has_fallbacks": language != publication.source and _has_fallbacks(publication, language),
        "marks": "unreviewed" if edition.is_draft and card.aligned[0] else "",
        "aligned": link(edition.path, card.aligned[0]) if card.aligned[0] else "",
        "original": original.path if original else "",
        "canonical": "" if edition.is_draft else frame["canonical"],
        "alternates": site.alternates(alternates),
        "data": _describe(site, card, edition),
    }
    return OutputFile(edition.path, site.theme.render("site/article.html", values))


def _has_fallbacks(publication: Publication, language: str) -> bool:
    renderings = (publication.rendering(row, language) for row in publication.rows)
    return any(not rendering.is_silent and not join_lines(rendering.text) for rendering in renderings)


def _describe(site: Site, card: Card, edition: Edition) -> dict[str, Any]:
    """Return the article as schema.org's NewsArticle, for JSON-LD."""
    base = site.settings.base_url

    def identify(other: Edition) -> dict[str, str]:
        known = {"@type": "NewsArticle", "inLanguage": other.language, "headline": other.title[0]}
        return known | ({"@id": address(base, other.path)} if base else {})

    data: dict[str, Any] = {"@context": "https://schema.org"} | identify(edition)
    if base:
        data |= {"url": data["@id"], "mainEntityOfPage": data["@id"]}
    if edition.summary[0]:
        data["description"] = edition.summary[0]
    if card.date:
        data["datePublished"] = card.date
    if edition.updated or card.date:
        data["dateModified"] = edition.updated or card.date
    if card.author:
        data["author"] = {"@type": "Person", "name": card.author}
    data["publisher"] = {"@type": "Organization", "name": site.name(edition.language)}
    original = card.edition(site.source)
    if original and original is not edition:
        data["translationOfWork"] = identify(original)
    elif others := [identify(other) for other in card.editions if other is not edition and not other.is_draft]:
        data["workTranslation"] = others
    return data


def render_aligned(
    site: Site, publication: Publication, outlines: Mapping[str, Outline], card: Card, *, is_draft: bool
) -> OutputFile:
    """Render the page with all languages of `publication`, whose outlines these are, in the words of the source's."""
    path = card.aligned[0]
    interfaces = [read_interface(language) for language in (publication.source, *publication.targets)]
    frame = site.frame(path, publication.source, _switch(card, interfaces[0]))
    cells = {language: outline.cells() for language, outline in outlines.items()}
    states = {rendering.state for row in publication.rows for rendering in row.renderings}
    values = frame | {
        "page": "aligned",
        "publication": publication,
        "interfaces": interfaces,
        "hrefs": {edition.language: link(path, edition.path) for edition in card.editions},
        "title": join_lines(read_title(publication.article)),
        "cells": cells,
        "present": [state for state in State if state in states],
        "canonical": "" if is_draft else frame["canonical"],
        "is_hidden": is_draft,
    }
    return OutputFile(path, site.theme.render("site/aligned.html", values))
