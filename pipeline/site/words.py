"""What the site says around its articles, in each language (`data/site.toml`), and its dates."""

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from string import Formatter

from pipeline.errors import SettingsError
from pipeline.files import read_data
from pipeline.site.config import SiteSettings


@dataclass(frozen=True, slots=True)
class Words:
    """The words for pages in `language`, themselves in the language `words`; those with `{…}` are formats.

    `locale` is as Open Graph has it, such as fr_FR.
    """

    language: str
    words: str
    locale: str
    home: str
    navigation: str
    articles: str
    older: str
    none: str
    by: str
    updated: str
    translated: str
    original: str
    sides: str
    withheld: str
    partly: str
    feed: str
    also: str
    controls: str
    filter: str
    every: str
    search: str
    shown: str
    show: str
    together: str
    keys: str
    date: str
    months: Sequence[str]

    def write_date(self, date: str) -> str:
        """Return an ISO date in the words of the language, without the time."""
        day = dt.datetime.fromisoformat(date)
        return self.date.format(day=day.day, month=self.months[day.month - 1], year=day.year)


def read_words(language: str, site: SiteSettings) -> Words:
    """Return the words for `language`: those of the settings, then ours, English ones where we have none.

    Raises SettingsError for a word that is none of ours.
    """
    tables = _read_tables()
    known = language if language in tables else "en"
    own = site.words.get(language, {})
    names = {field.name for field in fields(Words)} - {"language", "words", "months"}
    for name, text in own.items():
        if name not in names:
            raise SettingsError(
                f"passerelle.toml: site.words.{language}: unknown key “{name}”",
                f"the keys are: {', '.join(sorted(names))}",
            )
        _check_format(name, text, str(tables["en"][name]), language)
    speaks = language if own else known
    return Words(language=language, words=speaks, **{**tables[known], **own})  # type: ignore[arg-type]


def _check_format(name: str, text: str, ours: str, language: str) -> None:
    try:
        fits = _list_fields(text) <= _list_fields(ours)
    except ValueError:
        fits = False
    if not fits:
        raise SettingsError(
            f"passerelle.toml: site.words.{language}.{name}: “{text}” cannot be filled in", f"ours is “{ours}”"
        )


def _list_fields(text: str) -> set[str]:
    """Return the names that a format asks for; raises ValueError for a broken one."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@cache
def _read_tables() -> dict[str, dict[str, object]]:
    return tomllib.loads(read_data("site.toml"))
