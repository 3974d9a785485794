"""What Apertium's dictionaries say of words: part of speech, gender and number."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from pipeline.engines.apertium_modes import find_analysers

_SECONDS = 60
_UNIT = re.compile(r"\^([^/$]*)/([^$]*)\$")
_TAGS = re.compile(r"<(\w+)>")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

Reading = tuple[str, ...]
"""The tags of an analysis, such as `n f sg`."""


class Lexicon:
    """The words of a language as all installed dictionaries have them; the first that knows a word decides."""

    def __init__(self, data: Path, language: str) -> None:
        self._program = shutil.which("lt-proc")
        self._analysers = find_analysers(data, language)
        self._known: dict[str, tuple[Reading, ...]] = {}

    def look_up(self, words: Iterable[str]) -> dict[str, tuple[Reading, ...]]:
        """Return the readings of single words, several a word; none for one that no dictionary knows."""
        wanted = list(dict.fromkeys(words))
        missing = [word for word in wanted if word not in self._known]
        self._known |= dict.fromkeys(missing, ())
        for analyser in self._analysers:
            missing = [word for word in missing if not self._known[word] and _WORD.fullmatch(word)]
            self._known |= dict(zip(missing, self._analyse(analyser, missing), strict=True))
        return {word: self._known[word] for word in wanted}

    def _analyse(self, analyser: Path, words: list[str]) -> list[tuple[Reading, ...]]:
        """Return the readings of each word; none where the program fails, since a guess then does as well."""
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
        return [_read(text, word) for text, word in zip(answers, words, strict=True)]


def _read(answer: str, word: str) -> tuple[Reading, ...]:
    """Read what lt-proc says of a word: `^test/test<n><m><sg>$`; contracted and several words tell nothing."""
    match = _UNIT.fullmatch(answer.strip())
    if match is None or match[1] != word:
        return ()
    readings = (tuple(_TAGS.findall(reading)) for reading in match[2].split("/") if "+" not in reading)
    return tuple(dict.fromkeys(reading for reading in readings if reading))
