"""Which Apertium modes are installed, the route they give from one language to another, and its digest."""

import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import starmap
from pathlib import Path

from pipeline.engines.standins import MARKS

_MODE = re.compile(r"([a-z]{2,3})-([a-z]{2,3})")
_STAGE = re.compile(r"\s*\|\s*")
_QUOTED = re.compile(r"'([^']+)'")
_BILINGUAL = re.compile(r"lt-proc\s+-b\b")
_SED = "stdbuf -o0 sed -z"  # as soon as it has read a NUL
_PROGRAM = re.compile(r"(?:^|\|)\s*([\w-]+)")
# Apertium's pairs name languages by two or three letters.
_TWO_LETTERS = {"fra": "fr", "spa": "es", "eng": "en", "cat": "ca", "por": "pt", "ita": "it", "oci": "oc", "epo": "eo"}
# flores-dev, fr→en: 16.1 BLEU through Spanish, 15.3 through Catalan.
_FIRST_PIVOT = "es"
# apertium-fra-cat, -spa-cat and -eng-cat are large, and know about half of the words that fr-es and eng-spa do not.
_DETOUR = "ca"


@dataclass(frozen=True, slots=True)
class Hop:
    """A mode, and two more that make the same way by a detour for words that it does not know (or none)."""

    source: str
    target: str
    mode: str
    detour: tuple[str, ...] = ()


def find_route(data: Path, source: str, target: str) -> tuple[Hop, ...]:
    """Return the hops from `source` to `target` by the modes in a data folder: one, two, or none where no way leads."""
    modes: dict[tuple[str, str], str] = {}
    for file in sorted((data / "modes").glob("*.mode")):
        if match := _MODE.fullmatch(file.stem):
            modes.setdefault((_shorten(match[1]), _shorten(match[2])), file.stem)
    if (source, target) in modes:
        return (_build_hop(modes, source, target),)
    pivots = {middle for start, middle in modes if start == source and (middle, target) in modes}
    if not pivots:
        return ()
    pivot = _FIRST_PIVOT if _FIRST_PIVOT in pivots else min(pivots)
    return (_build_hop(modes, source, pivot), _build_hop(modes, pivot, target))


def find_analysers(data: Path, language: str) -> tuple[Path, ...]:
    """Return the dictionaries that analyse words of a language, those that modes start with, the largest first."""
    found: set[Path] = set()
    for file in sorted((data / "modes").glob("*.mode")):
        match = _MODE.fullmatch(file.stem)
        if match and _shorten(match[1]) == language and (path := _QUOTED.search(file.read_text(encoding="utf-8"))):
            found.add(Path(path[1]))
    return tuple(sorted((p for p in found if p.is_file()), key=lambda p: (-p.stat().st_size, p)))


def teach_standins(mode: str) -> str:
    """Return the pipeline of a mode with two stages of sed more, which give the stand-ins of terms their analysis.

    After the first stage, `^ꒊꀀ/*ꒊꀀ$` (an unknown word) becomes `^ꒊꀀ/ꒊꀀ<n><f><sg>$`; after the bilingual
    dictionary, `/@ꒊꀀ<n><f><sg>` (no translation) becomes `/ꒊꀀ<n><f><sg>`. The generator then writes `#ꒊꀀ`.
    """
    first, *stages = _STAGE.split(mode.strip())
    known = "; ".join(starmap(_analyse_standin, MARKS.items()))
    translated = "; ".join(
        [f"s:/@\\([{''.join(MARKS.values())}]\\):/\\1:g", *filter(None, starmap(_translate_standin, MARKS.items()))]
    )
    taught = [first, f"{_SED} '{known}'"]
    for stage in stages:
        taught += [stage, f"{_SED} '{translated}'"] if _BILINGUAL.match(stage) else [stage]
    return " | ".join(taught)


def _analyse_standin(guise: str, mark: str) -> str:
    readings = "".join(rf"/\1{_tag(reading)}" for reading in guise.partition(":")[0].split("/"))
    return rf"s:\^\({mark}.\)/\*\1\$:^\1{readings}$:g"


def _translate_standin(guise: str, mark: str) -> str:
    analysis, _, form = guise.partition(":")
    return rf"s:/\({mark}.\){_tag(analysis)}:/\1{_tag(form)}:g" if form else ""


def _tag(reading: str) -> str:
    return "".join(f"<{tag}>" for tag in reading.split("."))


def digest_modes(data: Path, modes: Iterable[str], dictionaries: Iterable[Path]) -> str:
    """Digest modes with the data and programs that they name, and dictionaries that words are looked up in.

    It is their content that counts, since versions are not always at hand.
    """
    digest = hashlib.sha256()
    for dictionary in dictionaries:
        digest.update(_digest_file(str(dictionary)))
    for mode in modes:
        text = (data / "modes" / f"{mode}.mode").read_text(encoding="utf-8")
        digest.update(text.encode())
        for name in _PROGRAM.findall(text):
            digest.update(_digest_file(shutil.which(name) or ""))
        for name in _QUOTED.findall(text):
            digest.update(_digest_file(name))
    return digest.hexdigest()[:8]


def _shorten(code: str) -> str:
    return _TWO_LETTERS.get(code, code)


def _build_hop(modes: dict[tuple[str, str], str], source: str, target: str) -> Hop:
    detour = (modes.get((source, _DETOUR), ""), modes.get((_DETOUR, target), ""))
    return Hop(source, target, modes[source, target], detour if all(detour) else ())


@cache
def _digest_file(name: str) -> bytes:
    """Return the digest of a file, which several modes may name; that of nothing where there is none."""
    path = Path(name)
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest()
