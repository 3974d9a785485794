"""What kind of word an accepted form is where it is to stand, so that what stands around it can agree with it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from pipeline.engines import Request
from pipeline.engines.lexicon import Lexicon, Reading, guess_gender
from pipeline.engines.standins import Held
from pipeline.engines.wording import is_plural
from pipeline.glossary import Gender, Grammar, Number, TermKind
from pipeline.pins import Pin
from pipeline.variants import find_plural, find_singular

_NOUN, _ADJECTIVE, _INFINITIVE, _ADVERB, _PARTICIPLE = "n", "adj", "inf", "adv", "pp"
# What agrees with a noun, and where it stands.
_AGREEING = ("det", "adj")
_MASCULINE = ("du", "au")  # which dictionaries take apart
_REACH = 100  # characters that two words may take
_WORDS_BEFORE = re.compile(r"(?:\s+[^\W\d_]+){1,2}")  # read backwards, so that the search begins at the term
_WORD_AFTER = re.compile(r"\s+([^\W\d_]+)")


class Agreement:
    """Chooses the form of a pin and its guise by the dictionaries of the source and the target language."""

    def __init__(self, source: Lexicon, target: Lexicon, language: str) -> None:
        self._source, self._target, self._language = source, target, language

    def learn(self, requests: Iterable[Request]) -> None:
        """Look up all words that `hold` will ask for, in one call a dictionary."""
        pinned = [(request.text, pin) for request in requests for pin in request.pins]
        pins = {(text[pin.start : pin.end], pin.forms) for text, pin in pinned}
        around = {word for text, pin in pinned for word in _find_neighbours(text, pin)}
        self._source.look_up(sorted({word for term, _ in pins for word in (term, *term.split())} | around))
        self._target.look_up(sorted({word for _, forms in pins for form in forms for word in form.split()}))

    def hold(self, text: str, pin: Pin, said: str) -> Held:
        """Return the form to write for a pin, in the number of the source, and its guise.

        The form is the preferred one, but for the one that the engine has `said` by itself.
        """
        plural = is_plural(text, pin)
        kinds = self._find_kinds(text[pin.start : pin.end], pin.forms[0])
        accepted, form = self._choose(pin, said, is_plural=plural and _NOUN in kinds)
        grammar = dict(pin.grammar).get(accepted, Grammar())
        source = self._find_source_gender(text, pin)
        if kinds in ({_INFINITIVE}, {_ADVERB}):
            guise = "vblex.inf" if _INFINITIVE in kinds else "adv"
        elif pin.kind is TermKind.NAME and not (plural or source or form.isupper()) and grammar == Grammar():
            guise = "np.al.m.sg"
        else:
            gender = grammar.gender or self._target.find_grammar(accepted).gender
            gender = gender or guess_gender(accepted, self._language)
            gender = gender or source or Gender.MASCULINE
            before = Number.PLURAL if plural else Number.SINGULAR
            is_agreeing = form != accepted or (pin.kind is TermKind.NAME and not grammar.number)
            after = before if is_agreeing else self._find_number(pin, form) or before
            guise = _inflect(kinds, (source or gender, before), (gender, after))
        is_uncountable = grammar.is_invariable and grammar.number is Number.SINGULAR
        return Held(pin.start, pin.end, form, (guise,), is_uncountable=is_uncountable)

    def _choose(self, pin: Pin, said: str, *, is_plural: bool) -> tuple[str, str]:
        """Return the first form in the number of the source, or else an accepted one and what is made from it."""
        wanted = Number.PLURAL if is_plural else Number.SINGULAR
        grammar = dict(pin.grammar)
        fitting = [
            form
            for form in pin.forms
            if grammar.get(form, Grammar()).is_invariable or self._find_number(pin, form) in {wanted, None}
        ]
        if said in fitting:
            return said, said
        if not fitting and (made := self._inflect(pin, is_plural=is_plural)):
            return made
        form = (fitting or pin.forms)[0]
        return form, form

    def _inflect(self, pin: Pin, *, is_plural: bool) -> tuple[str, str] | None:
        """Return an accepted form and what is made of it in the number of the source.

        A term that stands as in its row has its form as in the row too, with -s or -es at the end of a plural.
        """
        for form in pin.forms:
            made = (find_plural if is_plural else find_singular)(form, self._language)
            if made in pin.variants and (pin.is_inflected or made in {f"{form}s", f"{form}es"}):
                return form, made
        return None

    def _find_number(self, pin: Pin, form: str) -> Number | None:
        """Return the number of an accepted form; None for one that may be either."""
        grammar = dict(pin.grammar).get(form, Grammar())
        if not grammar.number and not grammar.is_invariable:
            grammar = self._target.find_grammar(form)
        if grammar.number or grammar.is_invariable or form.endswith(("us", "is", "ss")):
            return grammar.number
        return Number.PLURAL if form.endswith("s") else Number.SINGULAR

    def _find_source_gender(self, text: str, pin: Pin) -> Gender | None:
        """Return the gender of a term in French: by the dictionary, else by a determiner or adjective next to it.

        Apertium reads the words before a noun by it: "bons" is an adjective where a masculine noun follows.
        """
        gender = self._source.find_grammar(text[pin.start : pin.end]).gender
        for word in _find_neighbours(text, pin) if gender is None else ():
            if word in _MASCULINE:
                return Gender.MASCULINE
            readings = self._source.look_up([word])[word]
            genders = {tag for tags in readings if tags[0] in _AGREEING for tag in tags if tag in {"m", "f", "mf"}}
            if genders in ({"m"}, {"f"}):
                return Gender(min(genders))
        return gender

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


def pass_through(held: Held, pivot: Held) -> Held:
    """Return a form on its way through a pivot language: there it is what its form in that language would be.

    A noun that would not be one there, and any other word, is on its whole way what it is in the end.
    """
    (way,), (guise,) = pivot.guises, held.guises
    (_, _, there), (_, _, here) = way.partition(":"), guise.partition(":")
    return replace(held, guises=(way, f"{there}:{here}")) if there and here else held


def _find_neighbours(text: str, pin: Pin) -> list[str]:
    """Return the two words before a term and the one after it, nearest first, as far as they may agree with it."""
    before = _WORDS_BEFORE.match(text[max(0, pin.start - _REACH) : pin.start][::-1])
    after = _WORD_AFTER.match(text[pin.end : pin.end + _REACH])
    words = [word[::-1] for word in before[0].split()] if before else []
    words += [after[1]] if after else []
    return [word.lower() for word in words]


def _inflect(kinds: set[str], source: tuple[Gender, Number], form: tuple[Gender, Number]) -> str:
    """Return the guise of a noun or adjective, and of what may be one or the other, by gender and number of both."""
    noun = f"n.{source[0]}.{source[1]}:n.{form[0]}.{form[1]}"
    if _ADJECTIVE in kinds:
        return f"adj.mf.{source[1]}" + (f"/n.{form[0]}.{source[1]}" if _NOUN in kinds else "")
    return f"vblex.inf/n.{form[0]}.sg" if _INFINITIVE in kinds else noun


def _kind(reading: Reading) -> str | None:
    if reading[0] == "np":
        return _NOUN
    if reading[0] in {_NOUN, _ADJECTIVE, _ADVERB}:
        return reading[0]
    if reading[0].startswith("vb"):
        return _INFINITIVE if _INFINITIVE in reading else _ADJECTIVE if _PARTICIPLE in reading else None
    return None
