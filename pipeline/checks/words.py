"""Words: terms that are pinned, French left in the text, words and phrases said twice, names that are gone."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from pipeline.checks.lexicon import french_words, lexicon, looks_french, translated_acronyms, words_of
from pipeline.checks.problem import Pair, Problem, error, note, warning
from pipeline.pins import missed_pins

_DOUBLED = re.compile(r"(?<![\w’'-])([^\W\d_]+)\s+\1(?![\w’'-])", re.IGNORECASE)
_SHIELDED = re.compile(
    r"\w{1,10}://\S+|(?<![\w.+-])[\w.+-]{1,64}@\S+|`[^`]*`|[“\"«‘'](?:[^\s“«‘”\"»’']++\s?+){1,3}+[”\"»’'](?!\w)|<[^<>]*>"
)
_PLAIN = re.compile(r"(?<![\w.-])[^\W\d_]{2,}(?![\w-])")
_TWICE = re.compile(r"(?<!\S)(\S+(?: \S+){1,11})[,;:]? \1(?!\w)", re.IGNORECASE)
# A phrase of so many words is a loop when it stands so many times.
_SHORTEST = 3
_LOOPS = ((_SHORTEST, 4), (4, 3), (6, 2))
# A word with a capital inside a sentence, and no Roman numeral; capitals.
_NAME = re.compile(r"(?<=[\w,;’'«“(] )[A-ZÀ-Ý](?![IVXLC]+e?(?!\w))[^\W_]{3,}(?![\w’'])")
_ACRONYM = re.compile(r"(?<![\w-])(?!(?:[IVXLC]+|EE|UU)(?!\w))[A-Z]{2}[A-Z0-9]*+(?!\w)")
_LONGEST_ACRONYM = 6
_STEM = 4  # letters that names in two languages share
_LIKENESS = 0.6
_LONGEST_NAME = 40  # letters; what is longer is compared slowly, and no name
_NEAR = 40  # characters
_MANY_NAMES = 20  # of a text; more are compared in vain, and slowly
_MANY_FRENCH = 0.3


def check_pins(pair: Pair) -> Iterator[Problem]:
    """Find terms of the glossary whose accepted forms are missing."""
    for pin in missed_pins(pair.target, pair.pins):
        yield error(
            "pin", f"“{pair.source[pin.start : pin.end]}” asks for {' or '.join(f'“{form}”' for form in pin.forms)}"
        )


def check_language(pair: Pair) -> Iterator[Problem]:
    """Find a text that was copied or is French, and French words inside one that is not."""
    foreign = french_words(pair.language)
    shielded = _SHIELDED.sub(" ", pair.target)
    words = words_of(pair.target)
    theirs = set(re.findall(r"[^\W\d_]+", pair.source.lower()))
    left = [
        match[0]
        for match in _PLAIN.finditer(shielded)
        if (
            match[0] in foreign
            or (len(match[0]) > _STEM and match[0] in theirs and looks_french(match[0], pair.language))
        )
        and not _is_in_name(match)
    ]
    if len(words) > 1 and pair.target.strip().casefold() == pair.source.strip().casefold():
        is_french = left or any(word.lower() in foreign for word in words)
        yield (error if is_french else note)("untranslated", "the text is the source’s")
    elif len(left) > max(2, _MANY_FRENCH * len(words)):
        yield error("untranslated", f"the text is French: {', '.join(left[:4])} …")
    else:
        for word in dict.fromkeys(left):
            if word in theirs:
                yield warning("french", f"“{word}” is French")


def _is_in_name(match: re.Match[str]) -> bool:
    """Tell whether a word stands between two with capitals: Cirque du Soleil."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()].rstrip()
    after = match.string[match.end() : match.end() + _NEAR].lstrip()
    return after[:1].isupper() and re.search(r"(?<!\w)[A-ZÀ-Ý]\w+(?: \w{1,3})?$", before) is not None


def check_doubled(pair: Pair) -> Iterator[Problem]:
    """Find a word that stands twice in a row."""
    known = lexicon(pair.language)
    allowed = known.repeats if known else frozenset()
    if _DOUBLED.search(pair.source) and len(_DOUBLED.findall(pair.source)) >= len(_DOUBLED.findall(pair.target)):
        return
    for match in _DOUBLED.finditer(pair.target):
        if match[1].lower() not in allowed and not match[0].split()[1][0].isupper():
            yield warning("doubled", f"“{match[0]}”")


def check_loops(pair: Pair) -> Iterator[Problem]:
    """Find a phrase that returns, as an engine that is caught in a loop writes."""
    if match := _TWICE.search(pair.target):
        if len(_TWICE.findall(pair.source)) < len(_TWICE.findall(pair.target)):
            yield warning("loop", f"“{match[1]}” stands twice in a row")
        return
    words, source = ([word.lower() for word in re.findall(r"\w+", text)] for text in (pair.target, pair.source))
    if _most_repeated(words, _SHORTEST)[0] == 1:  # the commonest case, and no phrase longer than that returns
        return
    for size, often in _LOOPS:
        times, phrase = _most_repeated(words, size)
        if times >= often and times > _most_repeated(source, size)[0]:
            yield warning("loop", f"“{phrase}” stands {times} times")
            return


def _most_repeated(words: list[str], size: int) -> tuple[int, str]:
    counts = Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
    if not counts:
        return 0, ""
    phrase, count = max(counts.items(), key=lambda item: item[1])
    return count, " ".join(phrase)


def check_acronyms(pair: Pair) -> Iterator[Problem]:
    """Find acronyms of the source that the translation lost, where it has no other one in their place."""
    if pair.source.isupper() and max(map(len, words_of(pair.source)), default=0) > _LONGEST_ACRONYM:
        return  # all of it stands in capitals
    had, has = (set(_ACRONYM.findall(text)) for text in (pair.source, pair.target))
    theirs = {word.upper() for word in re.findall(r"[^\W_]+", pair.target)}  # Unesco
    capitals = " ".join(re.findall(r"[A-Z0-9]{2,}", pair.target))  # A1GP
    translated = translated_acronyms(pair.language)
    lost = sorted(name for name in had - theirs if name not in translated and name not in capitals)
    if len(lost) > len(has - had):
        yield warning("acronym", f"{_quote(lost)} is lost")


def check_names(pair: Pair) -> Iterator[Problem]:
    """Find names of the source to which none in the translation is alike.

    A name that the translation writes in another way (London for Londres) leaves a name in the translation that the
    source has not, so only what is lost beyond those counts.
    """
    had, has = (list(dict.fromkeys(_NAME.findall(text)))[:_MANY_NAMES] for text in (pair.source, pair.target))
    if not had:
        return
    ours, theirs = ({_fold(word) for word in re.findall(r"[^\W_]+", text)} for text in (pair.source, pair.target))
    foreign = french_words(pair.language)
    lost = [name for name in had if name.lower() not in foreign and not _is_among(_fold(name), theirs)]
    beyond = len(lost) - sum(not _is_among(_fold(name), ours) for name in has)
    if beyond > 0:
        severity = note if beyond == 1 else warning  # one may be Lettonie, which is Latvia
        yield severity("name", f"nothing in the translation is like {_quote(lost)}")


def _quote(words: list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _is_among(name: str, others: set[str]) -> bool:
    if len(name) > _LONGEST_NAME or name in others or any(other.startswith(name[:_STEM]) for other in others):
        return True
    return any(
        SequenceMatcher(None, name, other).ratio() > _LIKENESS
        for other in others
        if _STEM <= len(other) <= _LONGEST_NAME
    )


@lru_cache(10_000)
def _fold(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if c.isalnum())
