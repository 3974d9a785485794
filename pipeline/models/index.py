"""What packages there are to be had: Argos' index, or a folder of `.argosmodel` files."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EngineError
from pipeline.models.archive import open_archive
from pipeline.models.connection import Patience, is_address, join_address, show_address
from pipeline.models.fetch import fetch_bytes
from pipeline.models.metadata import check_metadata, order_version
from pipeline.models.routes import find_route

MAX_INDEX = 16 * 1024**2  # bytes; Argos' index has 32 KB

_MOST_LEGS = 2  # the two halves of a pivot; three packages in a row are no translation any more


@dataclass(frozen=True, slots=True)
class Offer:
    """A package to be had: from the first of `links` that works, or in `file`; size in bytes and SHA-256 if known."""

    source: str
    target: str
    version: str
    links: tuple[str, ...] = ()
    file: Path | None = None
    size: int | None = None
    sha256: str | None = None


def fetch_index(url: str, patience: Patience) -> tuple[Offer, ...]:
    """Fetch an index as Argos has it: a JSON list of packages' metadata with `links`.

    Links may be relative to the index, and entries may have `size` and `sha256` (Argos' own do not). Entries that are
    no use to us (of another type, without a link to the web, garbled) are left out.
    Raises EngineError when the index cannot be had, or is none.
    """
    if not is_address(url):
        raise EngineError(f"{url!r}: is no address (http or https)", "check ARGOS_PACKAGE_INDEX, or --from")
    content = fetch_bytes(url, MAX_INDEX, patience)
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        start = " ".join(content[:60].decode(errors="replace").split())
        hint = "check ARGOS_PACKAGE_INDEX or --from; a network that wants you to log in answers like this too"
        raise EngineError(f"{show_address(url)}: is no index of packages; it begins {start!r}", hint)
    return tuple(offer for row in rows if (offer := _parse_offer(row, url)))


def read_folder(folder: Path) -> tuple[tuple[Offer, ...], tuple[EngineError, ...]]:
    """Return the packages in the `.argosmodel` files of a folder, and what is wrong with the others."""
    offers, problems = [], []
    for file in sorted(folder.glob("*.argosmodel")):
        try:
            with open_archive(file) as archive:
                pair = (archive.source, archive.target)
                offers.append(Offer(*pair, archive.version, file=file, size=archive.size, sha256=archive.sha256))
        except EngineError as error:
            problems.append(error)
    return tuple(offers), tuple(problems)


def keep_newest(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Return the newest offer of each pair, the first of those of one version."""
    newest: dict[tuple[str, str], Offer] = {}
    for offer in offers:
        other = newest.setdefault((offer.source, offer.target), offer)
        if order_version(offer.version) > order_version(other.version):
            newest[offer.source, offer.target] = offer
    return tuple(newest[pair] for pair in sorted(newest))


def choose_offers(offers: Sequence[Offer], source: str, target: str, place: str) -> tuple[Offer, ...]:
    """Return the package of a pair, or the two halves of a pivot; raises EngineError where there is neither."""
    newest = keep_newest(offers)
    route = find_route(newest, source, target)
    if not 0 < len(route) <= _MOST_LEGS:
        onward = ", ".join(o.target for o in newest if o.source == source) or "nothing"
        message = f"{place}: no package leads from {source} to {target}, and no two in a row do"
        raise EngineError(message, f"from {source} it has {onward}")
    return route


def _parse_offer(row: object, base: str) -> Offer | None:
    try:
        metadata = check_metadata(row)
    except ValueError:
        return None
    if not metadata or not isinstance(row, dict) or not isinstance(row.get("links"), list):
        return None
    texts = [link for link in row["links"] if isinstance(link, str) and re.fullmatch(r"[!-~]+", link)]
    links = tuple(link for text in texts if is_address(link := join_address(base, text)))
    size, sha256 = row.get("size"), row.get("sha256")
    is_sized = isinstance(size, int) and size > 0
    is_signed = isinstance(sha256, str) and re.fullmatch(r"[0-9a-fA-F]{64}", sha256)
    if not links or (size is not None and not is_sized) or (sha256 is not None and not is_signed):
        return None  # a digest that cannot be read must not count as none
    return Offer(*metadata, links, size=size, sha256=sha256.lower() if isinstance(sha256, str) else None)
