"""Words of an article that look like names, and sequences of words that may be noun phrases.

Without a tagger: capitals tell names, except where any word has one; function words and prepositions bound phrases.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from pipeline.article import Kind
from pipeline.casing import opens_sentence
from pipeline.files import read_data
from pipeline.glossary import Glossary
from pipeline.segment import Segment
from pipeline.termbase.entry import fold_term

# A word, with the apostrophe of an elision; or a number.
_TOKEN = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W_]+)*['’]?|\d+")
_NUMBER = re.compile(r"\d+|[IVX]+")
_ACRONYM = re.compile(r"(?![IVX]+$)[^\W\d_]{2,6}(?:-\d+)?")
_ADVERB = re.compile(r"\w+[ae]mment")
_INFINITIVE = ("er", "ir", "re")
_THIRD_PERSON = re.compile("ent$|[^éiuts]e$")  # plural, singular; not écrite, vue
_IN_NAMES = frozenset(["de", "du", "des", "d'", "la", "le", "les", "l'", "of", "von", "van", "der", "di"])
_PREPOSITIONS = frozenset(["de", "du", "des", "d'", "à", "au", "aux", "en"])
_ARTICLES = frozenset(["la", "le", "les", "l'"])
_SHORTEST = 3  # letters of a word in a phrase
_LONGEST = 7  # tokens of a phrase
_CONTEXT = 40  # characters on each side


@dataclass(frozen=True, slots=True)
class Token:
    """A word at `text[start:end]` of a segment, with the apostrophe that it may end in, or a number."""

    text: str
    start: int
    end: int
    is_covered: bool  # by a term of the glossary

    @property
    def key(self) -> str:
        """The word in lower case, its apostrophe a plain one."""
        return fold_term(self.text).lower()

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()

    @property
    def is_acronym(self) -> bool:
        """Whether it is two to six capitals (IA, COVID-19), and no Roman number."""
        return self.text.isupper() and _ACRONYM.fullmatch(self.text) is not None

    @property
    def is_content(self) -> bool:
        """Whether a noun phrase may begin or end with it."""
        is_word = self.text.islower() and len(self.text) >= _SHORTEST and self.text[-1].isalpha()
        return self.is_acronym or (is_word and not _is_common(self.key) and not _is_conjugated(self.key))


@dataclass(frozen=True, slots=True)
class Line:
    """A segment in tokens; those of an inner tuple have nothing but white space between them."""

    segment: Segment
    runs: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A candidate where it stands."""

    segment: Segment
    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """The candidate as written."""
        return " ".join(self.segment.text[self.tokens[0].start : self.tokens[-1].end].split())

    @property
    def context(self) -> str:
        """The candidate with some words around it."""
        text, start, end = self.segment.text, self.tokens[0].start, self.tokens[-1].end
        before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
        left = "…" + before.partition(" ")[2] if start > _CONTEXT else before
        right = after.rpartition(" ")[0] + "…" if end + _CONTEXT < len(text) else after
        return " ".join(f"{left}{text[start:end]}{right}".split())


def read_line(segment: Segment, glossary: Glossary) -> Line:
    """Split a segment into tokens."""
    spans = [(match.start, match.end) for match in glossary.find_terms(segment.text)]
    runs: list[list[Token]] = []
    for match in _TOKEN.finditer(segment.text):
        is_covered = any(start <= match.start() and match.end() <= end for start, end in spans)
        token = Token(match[0], match.start(), match.end(), is_covered)
        if runs and not segment.text[runs[-1][-1].end : token.start].strip():
            runs[-1].append(token)
        else:
            runs.append([token])
    return Line(segment, tuple(map(tuple, runs)))


def find_names(lines: Sequence[Line]) -> Iterator[Occurrence]:
    """Find words with capitals, and what joins them; at the beginning of a sentence only what surely is a name."""
    lower = {token.key for line in lines for run in line.runs for token in run if token.text.islower()}
    found = [
        (line, tokens)
        for line in lines
        for run in line.runs
        for tokens in _split_names(run)
        if any(token.is_capital and not token.is_covered for token in tokens)
    ]
    certain = {
        token.key
        for line, tokens in found
        for token in tokens
        if token.is_capital and not opens_sentence(line.segment.text, token.start)
    }
    for line, tokens in found:
        is_first = opens_sentence(line.segment.text, tokens[0].start) or line.segment.kind is Kind.ASIDE
        is_doubtful = _is_common(tokens[0].key) or tokens[0].key in lower
        if is_first and is_doubtful:
            rest = _trim(tokens[1:])
        elif is_first and len(tokens) == 1 and tokens[0].key not in certain and not tokens[0].is_acronym:
            rest = ()
        else:
            rest = tokens
        if any(not token.is_covered for token in rest if token.is_capital) and not _is_common(rest[0].key):
            yield Occurrence(line.segment, rest)


def _split_names(run: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """Split a run into stretches of capitals, with the small words and numbers between and after them."""
    stretch: list[Token] = []
    for token in run:
        is_number = _NUMBER.fullmatch(token.text) is not None
        is_word = token.is_capital and token.text[-1] not in "'’" and len(token.text) > 1 and not is_number
        # What follows an acronym is another name: le PDG d’Apple.
        is_inner = token.text.islower() and token.key in _IN_NAMES and stretch and not stretch[-1].is_acronym
        if is_word or is_inner or (is_number and stretch and stretch[-1].is_capital):
            stretch.append(token)
        elif stretch:
            yield _trim(stretch)
            stretch = []
    if stretch:
        yield _trim(stretch)


def _trim(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Drop small words at both ends."""
    kept = list(tokens)
    while kept and kept[-1].text.islower():
        kept.pop()
    start = sum(1 for _ in takewhile(lambda token: not token.is_capital, kept))
    return tuple(kept[start:])


def find_phrases(line: Line) -> Iterator[Occurrence]:
    """Find all sequences of content words, prepositions between them or none, that no term of the glossary covers."""
    if line.segment.kind is Kind.ASIDE:
        return
    for run in line.runs:
        for start in range(len(run)):
            if not run[start].is_content:
                continue
            for end in range(start + 2, min(len(run), start + _LONGEST) + 1):
                tokens = run[start:end]
                if not _goes_on(tokens):
                    break
                if tokens[-1].is_content and not all(token.is_covered for token in tokens):
                    yield Occurrence(line.segment, tokens)


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Tell whether the last token of a sequence may stand in a phrase after the one before it."""
    before, last = tokens[-2], tokens[-1]
    if last.is_content:
        return True
    if last.key in _PREPOSITIONS:
        return before.is_content
    return last.key in _ARTICLES and before.key in {"de", "à"}


def _is_common(word: str) -> bool:
    return word.rstrip("'") in _read_common_words() or _ADVERB.fullmatch(word) is not None


def _is_conjugated(word: str) -> bool:
    """Tell whether a word is but a verb in the third person; participles are adjectives, and in doubt it is a noun."""
    from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY  # noqa: PLC0415 (0.3 s and 25 MB)

    lemma = DEFAULT_DICTIONARY_FACTORY.get_dictionary("fr").get(word, word)
    return lemma != word and lemma.endswith(_INFINITIVE) and _THIRD_PERSON.search(word) is not None


@cache
def _read_common_words() -> frozenset[str]:
    texts = [read_data(name) for name in ("nonterms.fr.txt", "openers.txt")]
    lines = (line.partition("#")[0] for text in texts for line in text.splitlines())
    return frozenset(word.rstrip("'") for line in lines for word in line.split() if not word.startswith("["))
