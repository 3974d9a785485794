"""The glossary as tables: our own columns, and the two columns that DeepL and Google take."""

import csv
import io
from collections.abc import Sequence

from pipeline.errors import GlossaryError
from pipeline.exports.tbx import render_tbx
from pipeline.glossary import Glossary, Term
from pipeline.settings import SOURCE, TARGETS
from pipeline.termbase.entry import quote, write_cell


def render_glossary(glossary: Glossary, shape: str, language: str = "") -> str:
    """Render a glossary as `csv`, `tsv`, `tbx` or, with one target `language`, `deepl`."""
    match shape:
        case "tbx":
            return render_tbx(glossary.terms)
        case "deepl":
            return render_pairs(glossary.terms, language)
        case _:
            return render_table(glossary.terms, "\t" if shape == "tsv" else ",")


def list_languages(terms: Sequence[Term]) -> tuple[str, ...]:
    """Return the languages that some row speaks of: ours first, others in the order of their first form."""
    given = dict.fromkeys(language for term in terms for language, _ in term.forms)
    return tuple(sorted(given, key=lambda language: TARGETS.index(language) if language in TARGETS else len(TARGETS)))


def find_unsaid(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return the terms that a table says more of than their rows: of a language that only others speak of.

    In a table each row has a cell for it, and an empty one keeps the French form.
    """
    languages = list_languages(terms)
    return tuple(term for term in terms if not all(term.accepted(language) for language in languages))


def render_table(terms: Sequence[Term], separator: str) -> str:
    """Render the table `fr,en,es,…,kind,note`, as the glossary folder holds it.

    Raises GlossaryError for a form with a bar or brackets, which TBX may have and a cell takes for its own.
    """
    for term in terms:
        for text in (term.text, *(form.text for _, forms in term.forms for form in forms)):
            if set(text) & set("|[]"):
                raise GlossaryError(f"{quote(text)} cannot stand in a table", "export the glossary as tbx")
    languages = list_languages(terms)
    rows = [[SOURCE, *languages, "kind", "note"]]
    for term in terms:
        forms = dict(term.forms)
        cells = (write_cell(forms.get(language, ())) for language in languages)
        rows.append([term.text, *cells, term.kind.value, term.note])
    return render_rows(rows, separator)


def render_pairs(terms: Sequence[Term], language: str) -> str:
    """Render a line a term, French and the preferred form with a tab between, without header.

    DeepL's glossaries and Google's for one direction have no place for more; a term that keeps its source form is
    its own translation there, and one of which the glossary says nothing in `language` is left out.
    """
    accepted = ((term.text, term.accepted(language)) for term in terms)
    return render_rows([[text, forms[0].text] for text, forms in accepted if forms], "\t")


def render_rows(rows: Sequence[Sequence[str]], separator: str) -> str:
    """Render rows as spreadsheets and Python's `excel` dialect do."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
    return file.getvalue()
