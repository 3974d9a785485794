"""How far to trust a rule-based draft, for reviewers who want to begin with the worst."""

import re
from collections.abc import Collection

_WORD = re.compile(r"[^\W\d_]+")


def rate_draft(source: str, draft: str, unknown: Collection[str]) -> float:
    """Return a confidence from 0 to 1: the share of common words that were known, and the likeness to the source.

    Rules do worst where they change most: a draft that keeps the names, cognates and order of its source is mostly
    better. Unknown names stay as they are, which is mostly right. Spearman's correlation with the chrF of a sentence is
    0.32 on flores-dev in either language (0.20 and 0.30 on TICO-19); the share of known words alone has -0.1.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415 (`--help` needs no engine)

    words = len(_WORD.findall(source))
    known = 1 - sum(word.islower() for word in unknown) / words if words else 1.0
    return max(0.0, known) * (1 + fuzz.ratio(source.lower(), draft.lower()) / 100) / 2
