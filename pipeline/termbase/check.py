"""What `glossary check` finds: faults of the files, forms without gender, terms that no article uses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.formats import SUFFIXES, read_article
from pipeline.glossary import Term, TermKind
from pipeline.segment import read_no_break, segment_article
from pipeline.settings import SOURCE, Settings
from pipeline.severity import Severity
from pipeline.termbase import Termbase, read_termbase
from pipeline.termbase.entry import Finding, Place, fold_term, quote

_LONGEST_INNER = 6  # words of a term that may stand in another


@dataclass(frozen=True, slots=True)
class Checkup:
    """The findings in file order, and how many terms were checked."""

    findings: tuple[Finding, ...]
    terms: int

    @property
    def exit_code(self) -> int:
        """1 where there is an error or a warning; notes alone give 0."""
        return int(any(finding.severity is not Severity.NOTE for finding in self.findings))

    def summary(self) -> str:
        """Return the counts in one line."""
        counts = [(sum(f.severity is severity for f in self.findings), severity) for severity in Severity]
        return f"{self.terms} term{'' if self.terms == 1 else 's'}: " + ", ".join(
            f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts
        )


def check_glossary(settings: Settings) -> Checkup:
    """Check the glossary of a workspace for its target languages, and against the sources under translations/."""
    termbase = read_termbase(settings.workspace / "glossary")
    checks: tuple[Callable[[Termbase, Settings], Iterator[Finding]], ...] = (
        _find_missing_forms,
        _find_kept_forms,
        _find_inner_conflicts,
        _find_genderless_forms,
        _find_unused_terms,
    )
    findings = [*termbase.findings, *(finding for check in checks for finding in check(termbase, settings))]
    return Checkup(tuple(sorted(findings, key=lambda finding: finding.place)), len(termbase.entries))


def _find_missing_forms(termbase: Termbase, settings: Settings) -> Iterator[Finding]:
    """Find files that say nothing of a language, and rows of others that keep French for want of a form."""
    for language in settings.targets:
        files = {entry.place.path for entry in termbase.entries if language in dict(entry.term.forms)}
        for path in sorted({entry.place.path for entry in termbase.entries} - files):
            message = f"has no forms in {language}: its terms are not pinned there"
            yield Finding(Place(path, 1), Severity.WARNING, "no-language", message, f"add a column {language}")
        for entry in termbase.entries:
            if dict(entry.term.forms).get(language) == ():
                message = f"{quote(entry.term.text)} stays French in {language}"
                yield Finding(entry.place, Severity.NOTE, "no-form", message, "fill the cell if French is not meant")


def _find_kept_forms(termbase: Termbase, settings: Settings) -> Iterator[Finding]:
    """Find terms whose first form is the French one, which may be right (drones); names have it all the time."""
    for entry in termbase.entries:
        for language in (language for language, forms in entry.term.forms if forms):
            forms = entry.term.accepted(language)
            is_kept = fold_term(forms[0].text).lower() == fold_term(entry.term.text).lower()
            if is_kept and entry.term.kind is TermKind.TERM and language in settings.targets:
                message = f"{quote(forms[0].text)} is the French term too"
                yield Finding(entry.place, Severity.NOTE, "same-form", message, f"correct it if it is no {language}")


def _find_inner_conflicts(termbase: Termbase, settings: Settings) -> Iterator[Finding]:
    """Find terms inside longer ones that have no form holding one of theirs: IA and IA générative."""
    terms = {fold_term(entry.term.text).lower(): entry for entry in termbase.entries}
    for entry in termbase.entries:
        words = fold_term(entry.term.text).lower().replace("'", "' ").split()
        for inner in dict.fromkeys(text for text in _inner_texts(words) if text in terms):
            for language in settings.targets:
                if not _holds_form(entry.term, terms[inner].term, language):
                    text, place = terms[inner].term.text, terms[inner].place
                    message = f"no {language} form of {quote(entry.term.text)} holds one of {quote(text)} ({place})"
                    hint = "give both the same words if they are one thing"
                    yield Finding(entry.place, Severity.NOTE, "inner-term", message, hint)


def _inner_texts(words: Sequence[str]) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST_INNER) + 1):
            if end - start < len(words):
                yield " ".join(words[start:end])


def _holds_form(term: Term, inner: Term, language: str) -> bool:
    forms = [form.text.lower() for form in term.accepted(language)]
    return any(own.text.lower() in form for own in inner.accepted(language) for form in forms)


def _find_genderless_forms(termbase: Termbase, settings: Settings) -> Iterator[Finding]:
    """Find Spanish forms without a known gender: the words around them cannot agree with them.

    A name that is no acronym mostly stands without words that would.
    """
    from pipeline.engines.lexicon import is_acronym, look_up_grammar, open_lexicon  # noqa: PLC0415

    if "es" not in settings.targets:
        return
    wanting = [
        (entry, form)
        for entry in termbase.entries
        for form in dict(entry.term.forms).get("es", ())
        if form.grammar.gender is None and (entry.term.kind is TermKind.TERM or is_acronym(form.text))
    ]
    if wanting and not open_lexicon("es").analysers:
        message, hint = "genders are told by endings alone", "install the Debian package apertium-eng-spa"
        yield Finding(Place(wanting[0][0].place.path, 1), Severity.NOTE, "no-dictionary", message, hint)
    found = look_up_grammar([form.text for _, form in wanting], "es")
    for (entry, form), grammar in zip(wanting, found, strict=True):
        if grammar.gender is None:
            message, hint = f"the gender of {quote(form.text)} is not known", "write it in brackets, as in IA [f]"
            yield Finding(entry.place, Severity.WARNING, "no-gender", message, hint)


def _find_unused_terms(termbase: Termbase, settings: Settings) -> Iterator[Finding]:
    glossary, used = termbase.glossary, set[Term]()
    no_break = read_no_break(settings.workspace / "glossary" / "no-break.txt")
    for path in list_sources(settings.workspace):
        try:
            article = read_article(path, path.parent.name, settings.front_matter)
        except PipelineError as error:
            yield Finding(Place(path, 1), Severity.WARNING, "article", error.message, error.hint)
            continue
        segments = segment_article(article, no_break)
        used |= {match.term for segment in segments for match in glossary.find_terms(segment.text)}
    for entry in termbase.entries:
        if entry.term not in used:
            message = f"no article uses {quote(entry.term.text)}"
            yield Finding(entry.place, Severity.NOTE, "unused", message, "check its spelling, or keep it for others")


def list_sources(workspace: Path) -> tuple[Path, ...]:
    """Return the sources of the articles of a workspace, by name."""
    paths = sorted((workspace / "translations").glob(f"[!.]*/{SOURCE}.*"))
    return tuple(path for path in paths if path.suffix in SUFFIXES)
