"""Packages by name: looked up, downloaded or found in a folder, and installed."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.errors import EngineError
from pipeline.models.archive import MAX_PACKED
from pipeline.models.connection import Patience, is_address, show_address
from pipeline.models.fetch import Expected, discard_download, download_file
from pipeline.models.index import Offer, choose_offers, fetch_index, keep_newest, read_folder
from pipeline.models.installation import hold_folder, install_package, place_download
from pipeline.models.locations import index_address, packages_folder
from pipeline.models.lock import find_locked, read_lock, verify_package
from pipeline.models.packages import InstalledPackage, list_packages

Pair = tuple[str, str]


class Watcher(Protocol):
    """Who is told what is going on."""

    def note(self, message: str) -> None:
        """Take a message."""
        ...

    def advance(self, name: str, done: int, total: int | None) -> None:
        """Take how many bytes have come of a file, and how many there are if that is known."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """A package that was wanted, and whether it had to be installed."""

    package: InstalledPackage
    is_new: bool


def install_packages(
    pair: Pair | None,
    place: str | None,
    watcher: Watcher,
    *,
    folder: Path | None = None,
    patience: Patience | None = None,
) -> Iterator[Outcome]:
    """Install the packages that lead from one language to another, one or the two halves of a pivot.

    `place` is a folder of `.argosmodel` files, one such file, its address, or the address of an index; without it,
    Argos' index is asked. Without `pair` all packages of the place are installed, the newest of each pair (of an
    index that would be too many). One that is there already, unharmed, is left. Raises EngineError.
    """
    errand = _Errand(folder or packages_folder(), patience or Patience(), watcher)
    if not place or Path(place).is_dir():
        for offer in _find_offers(pair, place, errand):
            yield errand.install(offer)
    elif not is_address(place):
        if "://" in place:
            raise EngineError(f"{place}: is no address that packages are fetched from", "http and https are")
        yield Outcome(install_package(Path(place), errand.folder, pair=pair), is_new=True)
    elif urlsplit(place).path.endswith(".argosmodel"):
        yield errand.download(place, Expected(MAX_PACKED), pair)
    else:
        for offer in _find_offers(pair, place, errand):
            yield errand.install(offer)


@dataclass(frozen=True, slots=True)
class _Errand:
    """Where to install, how patiently to download, and who is told."""

    folder: Path
    patience: Patience
    watcher: Watcher

    def install(self, offer: Offer) -> Outcome:
        """Install a package on offer, from the first of its links that works, unless it is there unharmed."""
        pair = (offer.source, offer.target)
        with self._hold():
            if installed := _find_installed(offer, self.folder):
                return Outcome(installed, is_new=False)
            if offer.file:
                return Outcome(install_package(offer.file, self.folder, pair=pair, is_locked=True), is_new=True)
            expected = Expected(MAX_PACKED, offer.size, offer.sha256)
            *others, last = offer.links
            for link in others:
                try:
                    return self.download(link, expected, pair)
                except EngineError as error:
                    self.watcher.note(f"{error.message}; there is another source")
            return self.download(last, expected, pair)

    def download(self, link: str, expected: Expected, pair: Pair | None) -> Outcome:
        """Download and install a package; what comes of a download that breaks off is kept for the next run."""
        name = show_address(link)
        part = place_download(self.folder, *(pair or (hashlib.sha256(link.encode()).hexdigest()[:16], "")))
        with self._hold():
            self.watcher.note(f"downloading {name}")
            report = partial(self.watcher.advance, name)
            download_file(link, part, expected, self.patience, report)
            try:
                package = install_package(part, self.folder, name=name, pair=pair, is_locked=True)
            except EngineError:
                discard_download(part)
                raise
            discard_download(part)
        return Outcome(package, is_new=True)

    def _hold(self) -> AbstractContextManager[None]:
        message = "waiting for another passerelle that is installing packages"
        return hold_folder(self.folder, lambda: self.watcher.note(message))


def _find_offers(pair: Pair | None, place: str | None, errand: _Errand) -> tuple[Offer, ...]:
    if place and not is_address(place):
        offers, problems = read_folder(Path(place))
        for problem in problems:
            errand.watcher.note(str(problem))
        if not offers:
            raise EngineError(f"{place}: holds no package", "put .argosmodel files there, or name another folder")
        return choose_offers(offers, *pair, place) if pair else keep_newest(offers)
    if not pair:
        raise EngineError(f"{place}: is an index", "say which languages: passerelle models install FROM TO --from URL")
    address = place or index_address()
    if place and not place.endswith(".json"):
        address = f"{place.rstrip('/')}/index.json"
    return choose_offers(fetch_index(address, errand.patience), *pair, show_address(address))


def _find_installed(offer: Offer, folder: Path) -> InstalledPackage | None:
    """Return the package on offer if it is installed and unharmed."""
    lock = read_lock(folder)
    for package in list_packages(folder):
        locked = find_locked(lock, package)
        is_it = (package.source, package.target, package.version) == (offer.source, offer.target, offer.version)
        if is_it and locked and offer.sha256 in (None, locked.sha256) and not verify_package(package, locked):
            return package
    return None
