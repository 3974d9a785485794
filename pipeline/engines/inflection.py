"""What kind of word an accepted form is where it is to stand, so that what stands around it can agree with it."""

import re
from collections.abc import Iterable

from pipeline.engines import Request
from pipeline.engines.lexicon import Lexicon, Reading, guess_gender
from pipeline.engines.standins import Held
from pipeline.engines.wording import is_plural, order_forms
from pipeline.glossary import Gender, Grammar, Number, TermKind
from pipeline.pins import Pin

_NOUN, _ADJECTIVE, _INFINITIVE, _ADVERB, _PARTICIPLE = "n", "adj", "inf", "adv", "pp"
# What a form is where no dictionary and no row tells: the French determiner does for a name ("la COVID-19").
_FEMININE = re.compile(r"(?i)\b(?:la|une|cette|[mts]a|aucune)\s+$")


class Inflection:
    """Chooses the form of a pin and its guise by the dictionaries of the source and the target language."""

    def __init__(self, source: Lexicon, target: Lexicon, language: str) -> None:
        self._source, self._target, self._language = source, target, language

    def learn(self, requests: Iterable[Request]) -> None:
        """Look up all words that `hold` will ask for, in one call a dictionary."""
        pins = {(request.text[pin.start : pin.end], pin.forms) for request in requests for pin in request.pins}
        self._source.look_up(sorted({term for term, _ in pins if " " not in term}))
        self._target.look_up(sorted({word for _, forms in pins for form in forms for word in form.split()}))

    def hold(self, text: str, pin: Pin, said: str) -> Held:
        """Return the form to write for a pin, in the number of the source, and its guise.

        The form is the preferred one, but for the one that the engine has `said` by itself.
        """
        plural = is_plural(text, pin)
        form = self._choose(pin, said, is_plural=plural)
        accepted = max((known for known in pin.forms if form.startswith(known)), key=len)  # which a plural is made from
        grammar = dict(pin.grammar).get(accepted, Grammar())
        kinds = self._find_kinds(text[pin.start : pin.end], accepted)
        is_feminine = _FEMININE.search(text[: pin.start]) is not None
        if kinds in ({_INFINITIVE}, {_ADVERB}):
            guise = "vblex.inf" if _INFINITIVE in kinds else "adv"
        elif pin.kind is TermKind.NAME and not (plural or is_feminine or form.isupper()) and grammar == Grammar():
            guise = "np.al.m.sg"
        else:
            gender = grammar.gender or self._target.find_grammar(accepted).gender
            gender = gender or guess_gender(accepted, self._language)
            gender = gender or (Gender.FEMININE if is_feminine else Gender.MASCULINE)
            before = Number.PLURAL if plural else Number.SINGULAR
            is_agreeing = form != accepted or (pin.kind is TermKind.NAME and not grammar.number)
            after = before if is_agreeing else self._find_number(pin, form) or before
            guise = _inflect(kinds, gender, before, after)
        is_uncountable = grammar.is_invariable and grammar.number is Number.SINGULAR
        return Held(pin.start, pin.end, form, guise, is_uncountable=is_uncountable)

    def _choose(self, pin: Pin, said: str, *, is_plural: bool) -> str:
        """Return the first form in the number of the source; a regular plural where the row of a term has none."""
        wanted = Number.PLURAL if is_plural else Number.SINGULAR
        grammar = dict(pin.grammar)
        fitting = [
            form
            for form in pin.forms
            if grammar.get(form, Grammar()).is_invariable or self._find_number(pin, form) in {wanted, None}
        ]
        if said in fitting:
            return said
        if fitting or not is_plural or pin.kind is TermKind.NAME:
            return (fitting or pin.forms)[0]
        return order_forms(pin, pin.forms, self._language, is_plural=True)[0]

    def _find_number(self, pin: Pin, form: str) -> Number | None:
        """Return the number of an accepted form; None for one that may be either."""
        grammar = dict(pin.grammar).get(form, Grammar())
        if not grammar.number and not grammar.is_invariable:
            grammar = self._target.find_grammar(form)
        if grammar.number or grammar.is_invariable or form.endswith(("us", "is", "ss")):
            return grammar.number
        return Number.PLURAL if form.endswith("s") else Number.SINGULAR

    def _find_kinds(self, term: str, form: str) -> set[str]:
        """Tell what a single word may be in the source, or in the target where the source's dictionary lacks it.

        Several words are a noun, but for a verb with its object.
        """
        if " " in term:
            first = form.split(maxsplit=1)[0]
            readings = self._target.look_up([first])[first]
            return {_INFINITIVE} if readings and all(_INFINITIVE in reading for reading in readings) else {_NOUN}
        readings = self._source.look_up([term])[term]
        if not readings and " " not in form:
            readings = self._target.look_up([form])[form]
        return {kind for reading in readings if (kind := _kind(reading))} or {_NOUN}


def _inflect(kinds: set[str], gender: Gender, before: Number, after: Number) -> str:
    """Return the guise of a noun or adjective, and of what may be one or the other, by number before and after."""
    noun = f"n.{gender}.{before}"
    if _ADJECTIVE in kinds:
        return f"adj.mf.{before}/{noun}" if _NOUN in kinds else f"adj.mf.{before}"
    if _INFINITIVE in kinds:
        return f"vblex.inf/n.{gender}.sg"
    return noun if before == after else f"{noun}:n.{gender}.{after}"


def _kind(reading: Reading) -> str | None:
    if reading[0] == "np":
        return _NOUN
    if reading[0] in {_NOUN, _ADJECTIVE, _ADVERB}:
        return reading[0]
    if reading[0].startswith("vb"):
        return _INFINITIVE if _INFINITIVE in reading else _ADJECTIVE if _PARTICIPLE in reading else None
    return None
