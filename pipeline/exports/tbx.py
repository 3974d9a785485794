"""The glossary as TBX-Basic of 2008 (`martif`), the version that OmegaT and Translate Toolkit read.

All forms of a language stand in one `langSet`, the preferred one first.
"""

from collections.abc import Iterator, Sequence
from html import escape

from pipeline.glossary import Form, Term, TermKind
from pipeline.settings import SOURCE
from pipeline.termbase.tbx import ADMITTED, GENDERS, INVARIABLE, NUMBERS, PREFERRED, PROPER_NOUN

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="{source}">
  <martifHeader>
    <fileDesc>
      <sourceDesc><p>Passerelle</p></sourceDesc>
    </fileDesc>
    <encodingDesc><p type="XCSURI">TBXBasicXCSV02.xcs</p></encodingDesc>
  </martifHeader>
  <text>
    <body>
"""
_TAIL = "    </body>\n  </text>\n</martif>\n"
_GENDERS = {gender: text for text, gender in GENDERS.items()}
_NUMBERS = {number: text for text, number in NUMBERS.items()}


def render_tbx(terms: Sequence[Term]) -> str:
    """Render an entry a term: French, then the other languages, also where it keeps the French form."""
    lines = (line for number, term in enumerate(terms, 1) for line in _render_entry(term, number))
    return "".join([_HEAD.format(source=SOURCE), *(f"      {line}\n" for line in lines), _TAIL])


def _render_entry(term: Term, number: int) -> Iterator[str]:
    is_name = term.kind is TermKind.NAME
    yield f'<termEntry id="t{number}">'
    if term.note:
        yield f"  <note>{_escape(term.note)}</note>"
    yield from _render_language(SOURCE, (Form(term.text),), is_name=is_name)
    for language, _ in term.forms:
        yield from _render_language(language, term.accepted(language), is_name=is_name)
    yield "</termEntry>"


def _render_language(language: str, forms: Sequence[Form], *, is_name: bool) -> Iterator[str]:
    yield f'  <langSet xml:lang="{language}">'
    for form in forms:
        status = PREFERRED if form is forms[0] else ADMITTED
        data = [
            ("partOfSpeech", PROPER_NOUN if is_name else ""),
            ("grammaticalGender", _GENDERS[form.grammar.gender] if form.grammar.gender else ""),
            ("grammaticalNumber", _NUMBERS[form.grammar.number] if form.grammar.number else ""),
            ("usageNote", INVARIABLE if form.grammar.is_invariable else ""),
            ("administrativeStatus", status if len(forms) > 1 else ""),
        ]
        notes = "".join(f'<termNote type="{name}">{text}</termNote>' for name, text in data if text)
        yield f"    <tig><term>{_escape(form.text)}</term>{notes}</tig>"
    yield "  </langSet>"


def _escape(text: str) -> str:
    return escape(text, quote=False)
