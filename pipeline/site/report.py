"""What a run did to the site: its wording and the exit code."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.report import RunReport
from pipeline.site.plan import Share

# Files named one by one; a first run of an archive writes thousands.
_FEW = 40


@dataclass(frozen=True, slots=True)
class Held:
    """A translation that is not published, and whether an older page of it stands."""

    article: str
    share: Share
    has_page: bool


@dataclass(slots=True)
class SiteReport:
    """What a run did to the site; paths are relative to its root."""

    root: Path
    keep: float
    articles: int = 0
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    run: RunReport = field(default_factory=RunReport)

    @property
    def exit_code(self) -> int:
        """0 when all was published, 1 when a translation was held back or there was an error."""
        return 1 if self.held or self.run.errors else 0

    def lines(self) -> list[str]:
        """Return the summary of the run, one line a result."""
        lines = [
            f"{held.article}: {held.share.language} is {held.share.percent} % reviewed, less than {self.keep:g} %: "
            + ("its page is left as it was" if held.has_page else "not published")
            for held in self.held
        ]
        files = [f"  {self.root / path}" for path in self.written]
        files += [f"  {self.root / path} (removed)" for path in self.removed]
        changed = len(files)
        lines += [*files[:_FEW], f"  … and {changed - _FEW} more"] if changed > _FEW + 1 else files
        counted = f"{self.articles} article{'' if self.articles == 1 else 's'}"
        return [*lines, f"{counted}, {changed} file{'' if changed == 1 else 's'} changed"]

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain data for `--json`."""
        return {
            "site": self.root.as_posix(),
            "articles": self.articles,
            "held": [
                {
                    "article": held.article,
                    "language": held.share.language,
                    "reviewed_words": held.share.reviewed,
                    "words": held.share.words,
                    "has_page": held.has_page,
                }
                for held in self.held
            ],
            "written": self.written,
            "removed": self.removed,
            "warnings": self.warnings,
            "errors": [{"message": error.message, "hint": error.hint} for error in self.run.errors],
        }
