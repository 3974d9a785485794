"""The other number and gender of accepted forms."""

import pytest

from pipeline.variants import find_plural, find_singular, find_variants

SPANISH = [
    ("arma autónoma", "armas autónomas"),
    ("campo de batalla", "campos de batalla"),
    ("director general", "directores generales"),
    ("infección", "infecciones"),
    ("portavoz", "portavoces"),
    ("ministerio de Defensa", "ministerios de Defensa"),
    ("examen", "exámenes"),
    ("joven", "jóvenes"),
    ("francés", "franceses"),
    ("dron", "drones"),
    ("unidad de procesamiento gráfico", "unidades de procesamiento gráfico"),
    ("país", "países"),
    ("red", "redes"),
    ("clase", "clases"),
    ("móvil", "móviles"),
    ("chip", "chips"),
]
ENGLISH = [
    ("battlefield", "battlefields"),
    ("Chinese embassy", "Chinese embassies"),
    ("embassy of China", "embassies of China"),
    ("ministry of defence", "ministries of defence"),
    ("spokeswoman", "spokeswomen"),
    ("sickness", "sicknesses"),
    ("virus", "viruses"),
    ("graphics processing unit", "graphics processing units"),
    ("GPU", "GPUs"),
    ("key", "keys"),
]


@pytest.mark.parametrize(
    ("singular", "plural", "language"), [(*p, "es") for p in SPANISH] + [(*p, "en") for p in ENGLISH]
)
def test_numbers(singular: str, plural: str, language: str) -> None:
    assert find_plural(singular, language) == plural
    assert find_singular(plural, language) == singular


def test_what_has_no_other_number() -> None:
    assert [find_plural(form, "es") for form in ("crisis", "virus", "GPU")] == [None] * 3
    assert [find_singular(form, "es") for form in ("lunes", "crisis", "francés", "armamento autónomo")] == [None] * 4
    assert [find_singular(form, "en") for form in ("class", "virus", "air")] == [None] * 3
    assert find_plural("Haus", "de") is None


def test_the_feminine_of_a_masculine_is_a_variant() -> None:
    assert "directora general" in find_variants("director general", "es")
    assert "directoras generales" in find_variants("director general", "es")
    assert find_variants("arma", "es") == ("armas",)
    assert find_variants("chip", "en") == ("chips",)
