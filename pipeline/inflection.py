"""French nouns and adjectives in their numbers and genders, from the dictionary of simplemma.

That dictionary gives a form one lemma, whatever its part of speech (`donnée` is of `donner`, `données` of `donnée`;
`directrices` is of `directeur`, `directrice` of itself), and lacks some plurals. So forms are not compared by their
lemmas one by one: from the forms that share a lemma, each word of a glossary gets the set of those it is met in.
A masculine is met in the feminine, a feminine only in its two numbers; verbs are not conjugated.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

# A word that the dictionary lacks is inflected as what it ends in: cyberattaque as attaque.
_SHORTEST_ENDING = 5
_SHORTEST_PLURAL = 4
_INVARIABLE = ("s", "x", "z")
_NO_PLURAL = ("ss", "us", "is", "as", "os")
_INFINITIVE = ("r", "re")
_CONJUGATED = ("ait", "aient", "ra", "ront")


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a word in lower case; one that does not change is in both sets.

    Those in `verbal` may also be a singular or a participle of a verb.
    """

    singular: frozenset[str]
    plural: frozenset[str]
    verbal: frozenset[str] = frozenset()
    is_known: bool = False
    is_infinitive: bool = False


def inflect(words: Collection[str]) -> dict[str, Forms]:
    """Return the forms that each word, in lower case, is met in: of a plural the singular too, and the reverse."""
    from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY  # noqa: PLC0415 (0.3 s and 25 MB)

    lemmas = DEFAULT_DICTIONARY_FACTORY.get_dictionary("fr")
    endings = {word: _find_ending(word, lemmas) for word in words}
    lexicon = _Lexicon(lemmas, set(endings.values()))
    forms: dict[str, Forms] = {}
    for word, ending in endings.items():
        head, found = word.removesuffix(ending), lexicon.inflect(ending)
        singular, plural = (frozenset(head + form for form in some) for some in (found.singular, found.plural))
        verbal = frozenset(form for form in singular | plural if lexicon.is_verbal(form))
        forms[word] = Forms(singular, plural, verbal, word in lemmas, lexicon.is_infinitive(word))
    return forms


def _find_ending(word: str, lemmas: Mapping[str, str]) -> str:
    """Return the word if the dictionary has it, or else the longest word at its end, or else the word after all."""
    if word in lemmas:
        return word
    ends = (word[start:] for start in range(1, len(word) - _SHORTEST_ENDING + 1))
    return next((end for end in ends if end in lemmas), word)


class _Lexicon:
    """The forms of the lemmas that some words may belong to."""

    def __init__(self, lemmas: Mapping[str, str], words: Iterable[str]) -> None:
        near = {form for word in words for form in _find_neighbours(word)}
        self._lemmas = {form: lemma for form in near if (lemma := lemmas.get(form))}
        self._groups: dict[str, set[str]] = {lemma: {lemma} for lemma in self._lemmas.values()}
        for form, lemma in lemmas.items():
            if lemma in self._groups and len(form) > 1 and form.islower():  # "m" is not taken for "mètre"
                self._groups[lemma].add(form)
                self._lemmas[form] = lemma
        self._verbs = {lemma for lemma, group in self._groups.items() if _is_verb(lemma, group)}

    def is_infinitive(self, word: str) -> bool:
        """Tell whether a word is a verb as dictionaries have it."""
        return word in self._verbs

    def is_verbal(self, form: str) -> bool:
        """Tell whether a form is also one of a verb: `fait` is of `faire`, and `date` goes with `dater`."""
        infinitives = _find_infinitives(form)
        return self._lemmas.get(form) in self._verbs or not self._verbs.isdisjoint(infinitives)

    def inflect(self, word: str) -> Forms:
        lemma, singular = self._lemmas.get(word), word.removesuffix("s")
        if lemma is None:
            is_plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(_NO_PLURAL)
            forms = self._pair([singular if is_plural else word])
            if is_plural:  # or a word that has no singular: temps, pays, accès
                forms = replace(forms, singular=forms.singular | {word})
            return forms
        if lemma in self._verbs:
            base = singular if word != lemma and singular in self._lemmas else word
            feminine = base + "e"
            return self._pair([base, feminine] if self._lemmas.get(feminine) == lemma and base != lemma else [base])
        if singular.endswith("e") and singular != lemma:
            return self._pair([singular])
        return self._pair({lemma, *self._groups[lemma]})

    def _pair(self, forms: Collection[str]) -> Forms:
        """Sort forms of a word by their number and add those that the dictionary lacks."""
        feminine = {form[:-1] for form in forms if form.endswith("es") and len(forms) > 1}
        singulars = {form for form in forms if not form.endswith(_INVARIABLE)} | feminine
        plurals = {plural for form in singulars for plural in _pluralize(form) if self._is_plural(plural, form)}
        unchanged = {form for form in forms if form not in singulars | plurals}
        return Forms(frozenset(singulars | unchanged), frozenset(plurals | unchanged))

    def _is_plural(self, plural: str, singular: str) -> bool:
        """Tell whether a regular plural is one: `fils` is no plural of `fil`, as the dictionary has it for itself."""
        return self._lemmas.get(plural) != plural or singular not in self._lemmas


def _find_neighbours(word: str) -> tuple[str, ...]:
    """Return the forms whose lemmas tell what a word is: its numbers, and the infinitives that it might be of."""
    return (word, word + "s", word.removesuffix("s"), *_find_infinitives(word))


def _find_infinitives(form: str) -> set[str]:
    """Return what a singular or a participle may be of: date, blessée and offre, parti, produits."""
    participle = form.removesuffix("s").removesuffix("e")
    stems = {stem for stem in (participle, participle.removesuffix("é")) if stem != form}
    found = {stem + ending for stem in stems for ending in ("er", "ir")}
    return (
        found
        | ({participle + "r"} if participle.endswith("i") else set())
        | ({participle[:-1] + "re"} if participle.endswith("it") else set())
    )


def _is_verb(lemma: str, group: Iterable[str]) -> bool:
    return lemma.endswith(_INFINITIVE) and any(form.endswith(_CONJUGATED) for form in group)


def _pluralize(word: str) -> tuple[str, ...]:
    """Return the plurals that the ending of a singular allows."""
    ways = [word + "s"]
    if word.endswith(("au", "eu", "œu", "ou")):
        ways.append(word + "x")
    if word.endswith(("al", "ail")):
        ways.append(word[: word.rindex("a")] + "aux")
    return tuple(ways)
