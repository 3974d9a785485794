"""The aligned text as a table, for spreadsheets and corpus tools."""

import csv
import io

from pipeline.publication import OutputFile, Publication, join_lines

# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@")


def render_tsv(publication: Publication) -> OutputFile:
    """Render `aligned.tsv`: a row a segment, with its number, kind, a state for each target, and the texts.

    Cells are quoted as spreadsheets and Python's `excel-tab` dialect do; line breaks and tabs become spaces. A text
    that a spreadsheet would run as a formula gets an apostrophe before it, the dashes of a dialogue too: this table is
    for reading, and the TMX file has the texts untouched. A text that is missing leaves its cell empty.
    """
    file = io.StringIO()
    table = csv.writer(file, dialect="excel-tab", lineterminator="\n")
    languages = (publication.source, *publication.targets)
    table.writerow(["id", "kind", *(f"state_{language}" for language in publication.targets), *languages])
    for number, row in enumerate(publication.rows, 1):
        texts = (row.segment.text, *(rendering.text for rendering in row.renderings))
        states = (rendering.state for rendering in row.renderings)
        table.writerow([f"s{number}", row.segment.kind, *states, *(_disarm(join_lines(text)) for text in texts)])
    return OutputFile("aligned.tsv", file.getvalue())


def _disarm(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
