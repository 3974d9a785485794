"""Apertium's stream: how text is written for it, what its marks mean, and one question for many streams.

Seen with Apertium 3.8.3: a segment that ends without a blank may lose its last word, so every stream ends in one; a
bare special character, or U+FFFF, stops the whole call; `~` and the soft hyphen vanish.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock

from pipeline.engines.apertium_modes import teach_standins
from pipeline.engines.apertium_pipe import Pipeline
from pipeline.errors import EngineError

_SPECIAL = re.compile(r"[\[\]{}^$/\\@<>*#~\n\0\u00ad\u00a1\u00bf\uffff]")
_BLANK = re.compile(r"\[([0-9a-f]+)\]")
_UNKNOWN = re.compile(r"\\?[*@]+([^\W_]+)")
# Words of the transfer rules, not of a language: `#prpers`, `#\<prn\>` where a pronoun could not be made.
_RULE_WORD = re.compile(r"\\?[#@]+\*?(?:prpers\b(?:\\?<[^<>]*>)*|(?:\\?<[^<>]*>)+) ?")
# Two forms of one word (`adicións/adiciones`); what is typed with a slash comes as a blank.
_ALTERNATIVE = re.compile(r"[^\W_]+\\?/(?=[^\W_])")
_MARK = re.compile(r"[\\/*#@<>{}^$~]")
_BLANK_OR_WORD = re.compile(r"(\[[^\]]*\])|([^\W_]+)")
_SECONDS, _CHARACTERS_PER_SECOND = 60, 1_000  # fifty times slower than measured
_LOST_LIMIT = 3
_REMEMBERED = 3_000  # streams of a mode: some megabytes, and more than the languages of a window share


def write_stream(text: str) -> str:
    """Write text as a stream: each special character becomes a blank of its own (`[2a]` for `*`)."""
    return _SPECIAL.sub(lambda match: f"[{ord(match[0]):x}]", text)


def read_stream(stream: str) -> str:
    """Read a stream without marks back into text."""
    return _BLANK.sub(lambda match: chr(int(match[1], 16)), stream)


def find_unknown(stream: str) -> list[str]:
    """Return the words that carry the mark of an unknown word, in order."""
    return [match[1] for match in _UNKNOWN.finditer(stream)]


def has_marks(stream: str) -> bool:
    """Tell whether Apertium left a mark: an unknown word, or one that it could not inflect."""
    return _MARK.search(stream) is not None


def settle_marks(stream: str, resolve: Callable[[str, int], str]) -> str:
    """Replace each unknown word by `resolve(word, place)` and take all other marks away; author's signs are blanks."""
    if not has_marks(stream):
        return stream
    stream = _RULE_WORD.sub("", stream)
    if "/" in stream:
        stream = _ALTERNATIVE.sub("", stream)
    return _MARK.sub("", _UNKNOWN.sub(lambda match: resolve(match[1], match.start()), stream))


@dataclass(slots=True)
class Mode:
    """A mode: what it answered, and its programs, which one thread asks at a time."""

    name: str
    pipeline: Pipeline
    lock: Lock = field(default_factory=Lock)
    answers: dict[str, str] = field(default_factory=dict)
    message: str = ""


class Apertium:
    """The data folder that belongs to an `apertium` program, and the modes in it, each started when it is needed."""

    def __init__(self, program: Path) -> None:
        self.program = program
        beside = [path.parent.parent / "share" / "apertium" for path in (program, program.resolve())]
        self.data = beside[0] if beside[0].is_dir() else beside[1]  # /bin may be a link to /usr/bin
        self._modes: dict[str, Mode] = {}
        self._environment = {  # nothing of the user's own, so that the same input gives the same output
            "PATH": os.pathsep.join([str(self.program.parent), "/usr/bin", "/bin"]),
            "LC_ALL": "C.UTF-8",
            **{name: os.environ[name] for name in ("TMPDIR",) if name in os.environ},
        }

    def translate(self, mode: str, streams: Sequence[str]) -> list[str]:
        """Send all new streams through a mode at once; one without an answer comes back with all words unknown.

        Answers are remembered: English through Spanish begins as Spanish does. Raises EngineError when the program
        takes too long, or leaves several or all streams without an answer.
        """
        file = self.data / "modes" / f"{mode}.mode"
        # Not a method: a pipeline that knew this object would live, with its programs, until a collection of cycles.
        pipeline = Pipeline(partial(_write_command, file, self._environment), self._environment)
        state = self._modes.setdefault(mode, Mode(mode, pipeline))
        with state.lock:
            answers, wanted = state.answers, dict.fromkeys(streams)
            for old in list(islice(answers, max(0, len(answers) - _REMEMBERED))):
                if old not in wanted:
                    del answers[old]
            new = [stream for stream in wanted if stream not in answers]
            answers |= zip(new, self._ask(state, new), strict=True)
            return [answers[stream] for stream in streams]

    @contextmanager
    def ended_by_errors(self) -> Iterator[None]:
        """End all programs when something goes wrong, so that no thread waits for their answers."""
        try:
            yield
        except BaseException:
            modes, self._modes = self._modes, {}
            for state in modes.values():
                state.pipeline.close()
            raise

    def _ask(self, mode: Mode, streams: Sequence[str]) -> list[str]:
        mode.message = ""
        answers = self._bisect(mode, streams, 0)
        lost = [stream for stream, answer in zip(streams, answers, strict=True) if answer is None]
        if lost and len(lost) > min(_LOST_LIMIT, len(streams) - 1):
            raise self._failure(mode, f"gave no answer for {lost[0][:60]!r} ({mode.message or 'and no message'})")
        return [
            _mark_all(stream) if answer is None else answer for stream, answer in zip(streams, answers, strict=True)
        ]

    def _bisect(self, mode: Mode, streams: Sequence[str], lost: int) -> list[str | None]:
        """Ask again by halves where answers are missing, and give up after a few streams without one."""
        if not streams:
            return []
        answers = self._call(mode, streams)
        missing = [place for place, answer in enumerate(answers) if answer is None]
        if len(streams) == 1 or not missing or lost > _LOST_LIMIT:
            return answers
        half = (len(missing) + 1) // 2
        for part in (missing[:half], missing[half:]):
            again = self._bisect(mode, [streams[place] for place in part], lost)
            lost += again.count(None)
            for place, answer in zip(part, again, strict=True):
                answers[place] = answer
        return answers

    def _call(self, mode: Mode, streams: Sequence[str]) -> list[str | None]:
        """Ask a mode once; a stream ends in a numbered blank, which its answer must hold, and one more is the end."""
        end = f"[-{len(streams)}]\0"
        question = "".join(f"{stream}[-{number}]\0" for number, stream in enumerate(streams))
        answers = self._run(mode, question + end, end).split("\0")
        answers += [""] * (len(streams) - len(answers))
        return [
            answer.replace(end, "") if answer.count("[-") == answer.count(end) == 1 else None
            for answer, end in ((answers[number], f"[-{number}]") for number in range(len(streams)))
        ]

    def _run(self, mode: Mode, question: str, end: str) -> str:
        """Return what a mode writes, also when it fails; the last line of its complaint is kept."""
        limit = _SECONDS + len(question) / _CHARACTERS_PER_SECOND
        try:
            answer = mode.pipeline.ask(question.encode(), end.encode(), limit)
        except TimeoutError:
            raise self._failure(mode, f"gave no answer in {limit:.0f} seconds") from None
        except OSError as error:
            raise self._failure(mode, f"cannot be run: {error.strerror}") from None
        mode.message = mode.pipeline.message or mode.message
        return answer.decode(errors="replace")

    def _failure(self, mode: Mode, fact: str) -> EngineError:
        return EngineError(
            f"`{self.program} -d {self.data} {mode.name}` {fact}", "install the Debian packages of Apertium again"
        )


def _write_command(file: Path, environment: Mapping[str, str]) -> str:
    """Do as `apertium -z -f none` does, with a mode that knows stand-ins: each program flushes at a NUL."""
    text = teach_standins(file.read_text(encoding="utf-8"))
    command = ["apertium-wblank-mode", "-z"]
    done = subprocess.run(command, input=text.encode(), env=environment, stdout=subprocess.PIPE, check=False)
    return done.stdout.decode()


def _mark_all(stream: str) -> str:
    return _BLANK_OR_WORD.sub(lambda match: match[1] or f"*{match[2]}", stream)
