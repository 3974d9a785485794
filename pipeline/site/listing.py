"""What lists the articles of the site: index pages, feeds, the sitemap and robots.txt."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.interface import read_interface
from pipeline.publication import OutputFile
from pipeline.site.config import choose_text
from pipeline.site.pages import Alternate, Choice, Site
from pipeline.site.plan import Card, Edition, address

# The newest articles are told with their first lines, and stand in the feed.
_NEWEST = 20


@dataclass(frozen=True, slots=True)
class Item:
    """An article in one language, as the index and the feed list it."""

    card: Card
    edition: Edition
    others: tuple[Edition, ...]
    has_summary: bool
    address: str
    published: str
    updated: str


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """A page in the sitemap; `updated` is an ISO date or ""."""

    address: str
    updated: str
    alternates: tuple[Alternate, ...]


def render_listings(site: Site, cards: Sequence[Card], epoch: int) -> Iterator[OutputFile]:
    """Render an index and a feed a language that has articles, the sitemap and robots.txt, in this order.

    Without a base URL there is no feed and no sitemap. `epoch` is the time that a feed bears where no article has one.
    """
    # The index of the site is there even when it is empty.
    known = {edition.language for card in cards for edition in card.editions} - {site.source}
    languages = [site.source, *sorted(known)]
    listed = {language: _list_items(site, cards, language, epoch) for language in languages}
    for language, items in listed.items():
        yield _render_index(site, items, language, languages)
    if site.settings.base_url:
        for language, items in listed.items():
            told = [item for item in items if not item.edition.is_draft]
            yield _render_feed(site, told[:_NEWEST], language, epoch)
        yield _render_sitemap(site, cards, languages)
    sitemap = address(site.settings.base_url, "sitemap.xml") if site.settings.base_url else ""
    yield OutputFile("robots.txt", site.theme.render("site/robots.txt", {"sitemap": sitemap}))


def _list_items(site: Site, cards: Sequence[Card], language: str, epoch: int) -> list[Item]:
    """Return the articles that are there in a language, the newest first."""
    found = [(card, edition) for card in cards if (edition := card.edition(language))]
    found.sort(key=lambda pair: pair[0].name)
    found.sort(key=lambda pair: _instant(pair[0].date or pair[1].updated), reverse=True)
    return [
        Item(
            card=card,
            edition=edition,
            others=tuple(other for other in card.editions if other is not edition),
            has_summary=number < _NEWEST,
            address=address(site.settings.base_url, edition.path),
            published=_timestamp(card.date),
            updated=_timestamp(max(card.date, edition.updated, key=_instant)) or _timestamp_epoch(epoch),
        )
        for number, (card, edition) in enumerate(found)
    ]


def _instant(date: str) -> float:
    """Return the seconds since 1970 of an ISO date, UTC where it names no zone; minus infinity for ""."""
    if not date:
        return float("-inf")
    when = dt.datetime.fromisoformat(date)
    return (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).timestamp()


def _timestamp(date: str) -> str:
    """Return an ISO date as RFC 3339, which Atom demands, in UTC; "" stays."""
    return dt.datetime.fromtimestamp(_instant(date), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if date else ""


def _timestamp_epoch(epoch: int) -> str:
    return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _render_index(site: Site, items: Sequence[Item], language: str, languages: Sequence[str]) -> OutputFile:
    path, words = site.home(language), site.words(language)
    homes = [(other, site.home(other)) for other in languages]
    choices = [Choice(read_interface(other).name, home, other) for other, home in homes]
    parts = [(words.articles, items[:_NEWEST]), (words.older, items[_NEWEST:])]
    values = site.frame(path, language, choices) | {
        "title": site.name(language),
        "description": choose_text(site.settings.description, language),
        "parts": [(heading, part) for heading, part in parts if part],
        "names": {other: read_interface(other).name for other in languages},
        "alternates": site.alternates(homes),
    }
    return OutputFile(path, site.theme.render("site/index.html", values))


def _render_feed(site: Site, items: Sequence[Item], language: str, epoch: int) -> OutputFile:
    path, base = f"feed.{language}.xml", site.settings.base_url
    values = {
        "language": language,
        "site_name": site.name(language),
        "description": choose_text(site.settings.description, language),
        "own": address(base, path),
        "home": address(base, site.home(language)),
        "updated": max((item.updated for item in items), default=_timestamp_epoch(epoch)),
        "items": items,
    }
    return OutputFile(path, site.theme.render("site/feed.xml", values))


def _render_sitemap(site: Site, cards: Sequence[Card], languages: Sequence[str]) -> OutputFile:
    base = site.settings.base_url
    homes = [(language, site.home(language)) for language in languages]
    pages = [SitemapPage(address(base, path), "", site.alternates(homes)) for _, path in homes]
    for card in sorted(cards, key=lambda card: card.name):
        for edition in card.editions:
            if edition.is_draft:
                continue
            alternates = site.alternates([(other.language, other.path) for other in card.alternates(edition)])
            updated = max(card.date, edition.updated, key=_instant)
            # A day is a whole date to sitemaps; with a time they want a zone.
            lastmod = updated if len(updated) == len("2026-01-31") else _timestamp(updated)
            pages.append(SitemapPage(address(base, edition.path), lastmod, alternates))
    return OutputFile("sitemap.xml", site.theme.render("site/sitemap.xml", {"pages": pages}))
