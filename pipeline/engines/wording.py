"""Which accepted form of a term to write: in the number of the source, with a capital where a sentence begins."""

import re

from pipeline.glossary import Number, TermKind
from pipeline.grammar import find_number
from pipeline.pins import Pin
from pipeline.variants import find_singular

_ENGLISH_WITHOUT = re.compile(r"(?:ed|ing|atic|[^aeiou]y)$")  # "sickened", "social distancing", and -y becomes -ies
_ENGLISH_SIBILANT = re.compile(r"(?:[xz]|ch|sh)$")


def order_forms(pin: Pin, forms: tuple[str, ...], language: str, *, is_plural: bool) -> tuple[str, ...]:
    """Return the forms accepted in a language in the order in which to try them, for a plural source its plurals first.

    A plural that the row of a term does not list is made where it is regular: where `pins.missed_pins` accepts it. A
    singular is made where the row is a plural and the source is not.
    """
    if not is_plural:
        singulars = [find_singular(form, language) for form in forms if pin.is_inflected]
        return tuple(dict.fromkeys((*(one for one in singulars if one in pin.variants), *forms)))
    plurals = [form for form in forms if form.lower().endswith("s")]
    is_fixed = pin.kind is TermKind.NAME or any(grammar.is_invariable for _, grammar in pin.grammar)
    if not plurals and not is_fixed:
        plurals = [plural for form in forms if (plural := _pluralize(form, language)) != form]
    return tuple(dict.fromkeys((*plurals, *forms)))


def is_plural(text: str, pin: Pin) -> bool:
    """Tell whether a French term is a plural, by the determiner before it or else by its own form."""
    return (find_number(text, pin.start) or pin.number) is Number.PLURAL


def capitalize_opening(form: str, before: str, source: str) -> str:
    """Give a lower-case form a capital where it opens the draft of a sentence that begins with one."""
    first = next((letter for letter in source if letter.isalnum()), "")
    if first.isupper() and form.islower() and not any(letter.isalnum() for letter in before):
        return form[:1].upper() + form[1:]
    return form


def _pluralize(form: str, language: str) -> str:
    """Return the regular plural in -s or -es, or the form itself: names and Spanish acronyms have none."""
    last = form.rsplit(maxsplit=1)[-1]
    if not last.isalpha() or (last != last.lower() and not last.isupper()) or " of " in form:
        return form
    if language == "en" and not _ENGLISH_WITHOUT.search(last):
        return form + ("es" if _ENGLISH_SIBILANT.search(last) else "s")
    if language == "es" and last == form and form.islower() and (ending := re.search("[aeiou]|([dljr])$", form[-1:])):
        return form + ("es" if ending[1] else "s")  # other consonants may move the accent (infección, infecciones)
    return form
