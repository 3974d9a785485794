"""Checks of translations: small functions of one signature, and what they say of a text.

`check_text` runs them all on a pair of texts; `pipeline.checks.catalogs` runs them on the catalogs of a workspace.
"""

from pipeline.checks.extent import check_length, check_presence
from pipeline.checks.marks import check_brackets, check_ending, check_quotes, check_typography
from pipeline.checks.markup import (
    check_addresses,
    check_code,
    check_emphasis,
    check_leftovers,
    check_placeholders,
    check_tags,
    hide_addresses,
)
from pipeline.checks.negation import check_negation
from pipeline.checks.numbers import check_numbers
from pipeline.checks.problem import Check, Pair, Problem
from pipeline.checks.quantities import check_dates, check_percentages, check_units
from pipeline.checks.words import check_acronyms, check_doubled, check_language, check_loops, check_names, check_pins
from pipeline.pins import Pin

__all__ = ["CHECKS", "Check", "Pair", "Problem", "check_text"]

CHECKS: tuple[Check, ...] = (
    check_pins,
    check_numbers,
    check_percentages,
    check_units,
    check_dates,
    check_addresses,
    check_tags,
    check_placeholders,
    check_code,
    check_emphasis,
    check_leftovers,
    check_brackets,
    check_quotes,
    check_ending,
    check_typography,
    check_language,
    check_doubled,
    check_loops,
    check_acronyms,
    check_names,
    check_negation,
    check_length,
)

# Words and signs in the addresses of links and images are not for readers.
_OF_WORDS = frozenset({check_language, check_names, check_quotes, check_typography})


def check_text(source: str, target: str, language: str, pins: tuple[Pin, ...] = ()) -> tuple[Problem, ...]:
    """Return what is wrong with a translation of `source` into `language`; nothing else is said of an empty one."""
    pair = Pair(source, target, language, pins)
    shown = Pair(hide_addresses(source), hide_addresses(target), language, pins)
    checks = CHECKS if target.strip() else (check_presence,)
    return tuple(problem for check in checks for problem in check(shown if check in _OF_WORDS else pair))
