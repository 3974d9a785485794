"""What `publish` remembers of the site between runs, `out/site.json`: a card an article."""

import json
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.files import read_file, write_file
from pipeline.site.plan import Card, Edition, Share

# Raised when the shape of a card changes; an older record counts as none.
_VERSION = 1
# A page's own path: a folder and a file. What else a record may say is none of ours, and never deleted.
_PAGE = re.compile(r"(?!\.)[^/\\\0]+/(aligned|[a-z]{2,3})\.html")


def read_cards(path: Path) -> dict[str, Card]:
    """Return the cards by the names of their articles; a record that cannot be read is an empty one."""
    try:
        record = json.loads(read_file(path) or b"{}")
        if record.get("version") != _VERSION:
            return {}
        cards = [_read_card(data) for data in record["cards"]]
    except (ValueError, TypeError, LookupError, AttributeError):
        return {}
    return {card.name: card for card in cards if all(map(_PAGE.fullmatch, card.files()))}


def write_cards(path: Path, cards: Iterable[Card]) -> bool:
    """Write the record; return whether it changed."""
    ordered = sorted(cards, key=lambda card: card.name)
    lines = ",\n".join(json.dumps(card, default=_list_fields, ensure_ascii=False) for card in ordered)
    return write_file(path, f'{{"version": {_VERSION}, "cards": [\n{lines}\n]}}\n'.encode(errors="replace"))


def _list_fields(value: Card | Edition | Share) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _read_card(data: dict[str, Any]) -> Card:
    return Card(
        name=data["name"],
        digest=data["digest"],
        author=data["author"],
        date=data["date"],
        editions=tuple(_read_edition(edition) for edition in data["editions"]),
        aligned=(data["aligned"][0], data["aligned"][1]),
        shares=tuple(Share(**share) for share in data["shares"]),
    )


def _read_edition(data: dict[str, Any]) -> Edition:
    pairs = {name: tuple(data[name]) for name in ("title", "summary", "links")}
    return Edition(**{**data, **pairs})
