"""Capitals that scraped titles lost, given back for the engine alone."""

import pytest

from pipeline.article import Kind
from pipeline.casing import begins_with_capital, capitalize, find_case, learn_casing, starts_with
from pipeline.glossary import Glossary, Term, TermKind
from pipeline.segment import Segment

BODY = [
    "Le directeur de Sberbank parle de la Russie et de la Chine.",
    "Une défense : le Ministère de la Défense et la défense des États-Unis.",
    "Orange vend une orange.",
]


def segment(text: str, kind: Kind = Kind.PARAGRAPH) -> Segment:
    return Segment(0, kind, text, 1, "")


CASING = learn_casing(
    [*map(segment, BODY), segment("Un Titre Anglais", Kind.TITLE)],
    Glossary((Term("Vladimir Poutine", TermKind.NAME, ()), Term("Russie", TermKind.NAME, ()))),
)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("la russie et la chine", Kind.TITLE, "La Russie et la Chine"),
        # In a heading that is not all in lower case only the glossary knows what is a name.
        ("Une alliance entre la russie et la chine", Kind.HEADING, "Une alliance entre la Russie et la chine"),
        ("la défense de l’orange", Kind.TITLE, "La défense de l’orange"),
        ("vladimir poutine aux états-unis", Kind.TITLE, "Vladimir Poutine aux États-Unis"),
        ("LA RUSSIE ET LA CHINE", Kind.PARAGRAPH, "La Russie et la Chine"),
        ("collaboration avec sberbank", Kind.ITEM, "collaboration avec Sberbank"),
        ("La russie est écrite ainsi ici.", Kind.PARAGRAPH, "La russie est écrite ainsi ici."),
        ("L’OTAN", Kind.ITEM, "L’OTAN"),
        ("IA", Kind.TITLE, "IA"),
        ("14 avis sur la russie", Kind.ASIDE, "14 avis sur la Russie"),
    ],
)
def test_recase(text: str, kind: Kind, expected: str) -> None:
    recased = CASING.recase(text, kind, find_case(text))
    assert recased == expected
    assert len(recased) == len(text)


def test_first_letters() -> None:
    assert capitalize("« élan »") == "« Élan »"
    assert capitalize("ßx") == "ßx"
    assert capitalize("12") == "12"
    assert begins_with_capital("« Élan") is True
    assert begins_with_capital("12 avis") is False
    assert starts_with("«iPhone»", ["iPhone"]) is True
