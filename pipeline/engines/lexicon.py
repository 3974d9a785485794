"""What Apertium's dictionaries say of words: part of speech, gender and number; and what endings tell."""

import re
import shutil
import subprocess
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from pathlib import Path
from threading import Lock

from pipeline.engines.apertium_modes import find_analysers
from pipeline.files import read_data
from pipeline.glossary import Gender, Grammar, Number

Reading = tuple[str, ...]
"""The tags of an analysis: `n f sg`."""

_SECONDS = 60
_UNIT = re.compile(r"\^([^/$]*)/([^$]*)\$")
_TAGS = re.compile(r"<(\w+)>")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBERS = {"sg": Number.SINGULAR, "pl": Number.PLURAL}
_EITHER = "sp"  # invariable
_ACRONYM = re.compile(r"(?=.*[^\W\d_].*[^\W\d_])[^a-zà-ÿ]+")
_PREPOSITION = re.compile(r"\s+(?:of|in|for|to|from|against|at|on)\s+")


class Lexicon:
    """The words of a language as all installed dictionaries have them; the first that knows a word decides."""

    def __init__(self, data: Path, language: str) -> None:
        self._program = shutil.which("lt-proc")
        self._language = language
        self.analysers = find_analysers(data, language)
        self._lock = Lock()
        self._known: dict[str, tuple[Reading, ...]] = {}
        self._grammars: dict[str, Grammar] = {}  # of terms, which return in every article

    def look_up(self, words: Iterable[str]) -> dict[str, tuple[Reading, ...]]:
        """Return the readings of single words, several a word, with one call a dictionary; none for unknown ones."""
        wanted = list(dict.fromkeys(words))
        with self._lock:
            if missing := [word for word in wanted if word not in self._known]:
                found: dict[str, tuple[Reading, ...]] = dict.fromkeys(missing, ())
                for analyser in self.analysers:
                    missing = [word for word in missing if not found[word] and _WORD.fullmatch(word)]
                    found |= dict(zip(missing, self._analyse(analyser, missing), strict=True))
                self._known |= found
            return {word: self._known[word] for word in wanted}

    def find_grammar(self, form: str) -> Grammar:
        """Return the gender and number of the noun that a form is about, as far as they are certain.

        That is its first noun, in English its last before "of"; a word that is unknown or an acronym might be it.
        """
        if form not in self._grammars:
            self._grammars[form] = self._read_grammar(form)
        return self._grammars[form]

    def _read_grammar(self, form: str) -> Grammar:
        words = form.split() if self._language != "en" else _PREPOSITION.split(form)[0].split()[::-1]
        readings = self.look_up(words)
        for word, following in zip_longest(words, words[1:]):
            if not readings[word] or is_acronym(word):
                break
            is_adjective = any(tags[0] == "adj" for tags in readings[word])
            if is_adjective and following and _find_nouns(readings[following]):  # "grandes modelos"
                continue
            if nouns := _find_nouns(readings[word]):
                return _read_nouns(nouns)
        return Grammar()

    def _analyse(self, analyser: Path, words: Sequence[str]) -> list[tuple[Reading, ...]]:
        """Return the readings of each word; none where the program fails, since the rest works without."""
        if not words or self._program is None:
            return [()] * len(words)
        try:
            answer = subprocess.run(
                [self._program, "-z", analyser],
                input="".join(f"{word} \0" for word in words).encode(),
                capture_output=True,
                env={"LC_ALL": "C.UTF-8"},
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return [()] * len(words)
        answers = answer.stdout.decode(errors="replace").split("\0")[: len(words)]
        answers += [""] * (len(words) - len(answers))
        return [read_analysis(text, word) for text, word in zip(answers, words, strict=True)]


@cache
def open_lexicon(language: str) -> Lexicon:
    """Return the words of a language; of a lexicon without `analysers` none is known."""
    program = shutil.which("lt-proc") or "/usr/bin/lt-proc"
    return Lexicon(Path(program).resolve().parent.parent / "share" / "apertium", language)


def look_up_grammar(forms: Sequence[str], language: str) -> tuple[Grammar, ...]:
    """Return the grammar of the head noun of each form of a language with genders, which here is Spanish alone.

    Where no dictionary knows it, the ending of its first word tells its gender.
    """
    if language not in tomllib.loads(read_data("genders.toml")):
        return (Grammar(),) * len(forms)
    lexicon = open_lexicon(language)
    lexicon.look_up(word for form in forms for word in form.split())
    found = [(form, lexicon.find_grammar(form)) for form in forms]
    return tuple(
        replace(grammar, gender=guess_gender(form, language)) if grammar == Grammar() else grammar
        for form, grammar in found
    )


def read_analysis(answer: str, word: str) -> tuple[Reading, ...]:
    """Read what lt-proc says of a word: `^test/test<n><m><sg>$`; contracted and several words tell nothing."""
    match = _UNIT.fullmatch(answer.strip())
    if match is None or match[1] != word:
        return ()
    readings = (tuple(_TAGS.findall(reading)) for reading in match[2].split("/") if "+" not in reading)
    return tuple(dict.fromkeys(reading for reading in readings if reading))


def is_acronym(form: str) -> bool:
    """Tell whether the first word of a form is in capitals: GPU, EE. UU."""
    return _ACRONYM.fullmatch(form.partition(" ")[0]) is not None


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


def _find_nouns(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings that are nouns, or else names."""
    return next((nouns for kind in ("n", "np") if (nouns := [tags for tags in readings if tags[0] == kind])), [])


def _read_nouns(nouns: Sequence[Reading]) -> Grammar:
    genders = {tag for tags in nouns for tag in tags if tag in {"m", "f", "mf"}}
    numbers = {tag for tags in nouns for tag in tags if tag in {*_NUMBERS, _EITHER}}
    return Grammar(
        gender=Gender(min(genders)) if genders in ({"m"}, {"f"}) else None,
        number=_NUMBERS.get(min(numbers)) if len(numbers) == 1 else None,
        is_invariable=numbers == {_EITHER},
    )
