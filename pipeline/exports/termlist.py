"""The glossary as tables: our own columns, and the two columns that DeepL and Google take."""

import csv
import io
from collections.abc import Sequence

from pipeline.exports.tbx import render_tbx
from pipeline.glossary import Glossary, Term
from pipeline.settings import SOURCE, TARGETS
from pipeline.termbase.entry import write_cell


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
    """Return the target languages of a glossary: ours first, others in the order of their first form."""
    return tuple(dict.fromkeys([*TARGETS, *(language for term in terms for language, _ in term.forms)]))


def render_table(terms: Sequence[Term], separator: str) -> str:
    """Render the table `fr,en,es,…,kind,note`, as the glossary folder holds it."""
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
    its own translation there.
    """
    return render_rows([[term.text, term.accepted(language)[0].text] for term in terms], "\t")


def render_rows(rows: Sequence[Sequence[str]], separator: str) -> str:
    """Render rows as spreadsheets and Python's `excel` dialect do."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
    return file.getvalue()
