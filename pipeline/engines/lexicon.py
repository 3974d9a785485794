"""The gender and number of a form, from Apertium's dictionaries, else from the ending of its head noun."""

import os
import re
import shutil
import subprocess
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipeline.engines.apertium_stream import write_stream
from pipeline.files import read_data
from pipeline.glossary import Gender, Grammar, Number

# The largest dictionary first; each knows words that the others do not.
_ANALYSERS = {
    "es": (
        "apertium-spa-cat/spa-cat.automorf.bin",
        "apertium-eng-spa/spa-eng.automorf.bin",
        "apertium-fr-es/es-fr.automorf.bin",
    )
}
_SECONDS = 60
_UNIT = re.compile(r"\^([^/$]*)/([^$]*)\$")
_TAGS = re.compile(r"<(\w+)>")
_NUMBERS = {"sg": Number.SINGULAR, "pl": Number.PLURAL}
_ACRONYM = re.compile(r"(?=.*[^\W\d_].*[^\W\d_])[^a-zà-ÿ]+")


def look_up_grammar(forms: Sequence[str], language: str) -> tuple[Grammar, ...]:
    """Return the gender and number of the head noun of each form, as far as they are certain.

    The head is the first noun: true of Spanish, the only language that is known here. Where no dictionary knows a
    noun in the form, the ending of its first word tells its gender; an acronym is not looked up.
    """
    found = [Grammar()] * len(forms)
    if language not in _ANALYSERS:
        return tuple(found)
    for analyser in _find_analysers(language):
        wanting = [number for number, grammar in enumerate(found) if grammar.gender is None]
        answers = _analyse([forms[number] for number in wanting], analyser)
        for number, answer in zip(wanting, answers, strict=True):
            found[number] = read_analysis(answer)
    return tuple(
        replace(grammar, gender=guess_gender(form, language)) if grammar == Grammar() else grammar
        for form, grammar in zip(forms, found, strict=True)
    )


def has_dictionary(language: str) -> bool:
    """Tell whether Apertium's programs and a dictionary of a language are installed."""
    return bool(_find_analysers(language))


def is_acronym(form: str) -> bool:
    """Tell whether the first word of a form is in capitals: GPU, EE. UU."""
    return _ACRONYM.fullmatch(form.partition(" ")[0]) is not None


def read_analysis(stream: str) -> Grammar:
    """Read what the analyser says of a form (`^armas/arma<n><f><pl>/armar<vblex>…$ …`)."""
    for surface, analyses in _UNIT.findall(stream):
        readings = [_TAGS.findall(reading) for reading in analyses.split("/")]
        nouns = [tags for tags in readings if tags[:1] == ["n"]] or [tags for tags in readings if tags[:1] == ["np"]]
        if nouns and not is_acronym(surface):
            genders = {tag for tags in nouns for tag in tags if tag in {"m", "f", "mf"}}
            numbers = {tag for tags in nouns for tag in tags if tag in {"sg", "pl", "sp"}}
            return Grammar(
                gender=Gender(min(genders)) if genders in ({"m"}, {"f"}) else None,
                number=_NUMBERS.get(min(numbers)) if len(numbers) == 1 else None,
                is_invariable=numbers == {"sp"},
            )
        if nouns or analyses.startswith("*"):
            break
    return Grammar()


def guess_gender(form: str, language: str) -> Gender | None:
    """Return the gender that the first word's ending tells, singular or plural; a name's tells nothing."""
    word = form.partition(" ")[0]
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c) or c == "\u0303")
    stems = [plain, plain.removesuffix("s"), plain.removesuffix("es")]
    endings = [(ending, gender) for ending, gender in _read_endings(language) for s in stems if s.endswith(ending)]
    if not word.islower() or not endings:
        return None
    return max(endings, key=lambda pair: len(pair[0]))[1]


@cache
def _read_endings(language: str) -> tuple[tuple[str, Gender | None], ...]:
    table = tomllib.loads(read_data("genders.toml")).get(language, {})
    genders = {gender.value: gender for gender in Gender}
    return tuple((ending, genders.get(name)) for name, endings in table.items() for ending in endings.split())


@cache
def _find_analysers(language: str) -> tuple[Path, ...]:
    program = shutil.which("lt-proc")
    if program is None:
        return ()
    folder = Path(program).resolve().parent.parent / "share" / "apertium"
    return tuple(path for name in _ANALYSERS.get(language, ()) if (path := folder / name).is_file())


def _analyse(forms: Sequence[str], analyser: Path) -> list[str]:
    """Ask for all forms in one call; none is known where the program fails."""
    question = "".join(f"{write_stream(form)} \0" for form in forms)
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    command = [shutil.which("lt-proc") or "lt-proc", "-z", str(analyser)]
    try:
        answer = subprocess.run(
            command, input=question.encode(), env=environment, capture_output=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return [""] * len(forms)
    answers = answer.stdout.decode(errors="replace").split("\0")[: len(forms)]
    return answers + [""] * (len(forms) - len(answers))
