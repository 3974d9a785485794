"""What a run did: counts, their wording, and the exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.files import describe_failure


@dataclass(frozen=True, slots=True)
class LanguageCounts:
    """The segments of an article in one language, by state, and the pins of its drafts.

    `leveraged` of its entries hold a text from memory.
    """

    language: str
    engine: str
    reviewed: int
    touched: int
    drafts: int
    empty: int
    pins_asked: int
    pins_honoured: int
    leveraged: int = 0

    @property
    def segments(self) -> int:
        """The number of segments."""
        return self.reviewed + self.touched + self.drafts + self.empty

    def to_json(self) -> dict[str, Any]:
        """Return the counts as plain data for `--json`."""
        return {
            "language": self.language,
            "engine": self.engine,
            "segments": self.segments,
            "reviewed": self.reviewed,
            "touched": self.touched,
            "drafts": self.drafts,
            "empty": self.empty,
            "leveraged": self.leveraged,
            "pins": {"asked": self.pins_asked, "honoured": self.pins_honoured},
        }


@dataclass(frozen=True, slots=True)
class ArticleResult:
    """An article that was done: `catalogs` and `pages` name all of its files, `changed` those that were rewritten."""

    name: str
    languages: tuple[LanguageCounts, ...]
    catalogs: tuple[Path, ...]
    pages: tuple[Path, ...]
    changed: tuple[Path, ...]

    def lines(self) -> list[str]:
        """Return the summary of the article: its counts, its files, and how many of them changed."""
        changed = len(self.changed)
        last = f"  {changed} file{'' if changed == 1 else 's'} changed" if changed else "  nothing changed"
        counts = f"{self.name}: {', '.join(map(_word_counts, self.languages))}"
        return [counts, *(f"  {path}" for path in (*self.catalogs, *self.pages)), last]

    def to_json(self) -> dict[str, Any]:
        """Return the article as plain data for `--json`."""
        return {
            "name": self.name,
            "languages": [counts.to_json() for counts in self.languages],
            "catalogs": [path.as_posix() for path in self.catalogs],
            "pages": [path.as_posix() for path in self.pages],
            "changed": [path.as_posix() for path in self.changed],
        }


@dataclass(slots=True)
class RunReport:
    """Collects results, warnings and errors of a run; it alone decides what the run means."""

    articles: list[ArticleResult] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[PipelineError] = field(default_factory=list)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Note an error raised inside, of ours or of the file system, and go on after it."""
        try:
            yield
        except PipelineError as error:
            self._note(error)
        except OSError as error:
            self._note(describe_failure(Path(str(error.filename or "?")), error))

    def add(self, other: "RunReport") -> None:
        """Take over what another report holds."""
        self.articles += other.articles
        self.warnings += other.warnings
        for error in other.errors:
            self._note(error)

    def _note(self, error: PipelineError) -> None:
        if str(error) not in map(str, self.errors):  # a broken catalog is met twice
            self.errors.append(error)

    @property
    def exit_code(self) -> int:
        """0 when everything was done, 1 when there was an error."""
        return 1 if self.errors else 0

    def lines(self) -> list[str]:
        """Return the summary of the run, one line a result."""
        return [line for article in self.articles for line in article.lines()]

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain data for `--json`."""
        return {
            "articles": [article.to_json() for article in self.articles],
            "warnings": self.warnings,
            "errors": [{"message": error.message, "hint": error.hint} for error in self.errors],
        }


def _word_counts(counts: LanguageCounts) -> str:
    states = [
        (counts.reviewed, "reviewed"),
        (counts.touched, "touched"),
        (counts.drafts, "drafts" if counts.drafts != 1 else "draft"),
        (counts.empty, "empty"),
    ]
    words = " ".join(f"{number} {state}," for number, state in states if number).rstrip(",")
    words += f"; {counts.leveraged} from memory" if counts.leveraged else ""
    pins = f"; {counts.pins_honoured} of {counts.pins_asked} terms honoured" if counts.pins_asked else ""
    return f"{counts.language} ({words}{pins})"
