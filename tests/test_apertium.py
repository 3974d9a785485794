"""The Apertium engine, with the real program: a machine without it fails here (`make test` installs it)."""

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.engines import Engine, Request, Translation, apertium
from pipeline.engines.apertium import ApertiumEngine, is_available, open_apertium
from pipeline.engines.apertium_stream import Apertium
from pipeline.engines.lexicon import Lexicon
from pipeline.errors import EngineError
from pipeline.pins import Pin

GPU = ("unidades de procesamiento gráfico", "GPU")


@pytest.fixture(scope="module")
def spanish() -> ApertiumEngine:
    return open_apertium("fr", "es")


@pytest.fixture(scope="module")
def english() -> ApertiumEngine:
    return open_apertium("fr", "en")


def translate(engine: Engine, *texts: str) -> list[str]:
    return [translation.text for translation in engine.translate([Request(text) for text in texts])]


def pin(text: str, term: str, *forms: str) -> Request:
    start = text.index(term)
    return Request(text, (Pin(start, start + len(term), forms),))


def test_french_goes_to_spanish_directly_and_to_english_through_spanish(
    spanish: ApertiumEngine, english: ApertiumEngine
) -> None:
    assert spanish.signature.startswith("apertium fr→es ")
    assert english.signature.startswith("apertium fr→es→en ")
    assert translate(spanish, "Le chat dort.") == ["El gato duerme."]
    assert translate(english, "Le chat dort.") == ["The cat sleeps."]


def test_nothing_to_translate_is_nothing_translated(spanish: ApertiumEngine) -> None:
    assert spanish.translate([]) == []
    texts = ["", " ", "2024", "— 5 %", "\t"]
    assert spanish.translate([Request(text) for text in texts]) == [Translation(text, 1.0) for text in texts]


def test_unknown_words_stay_are_named_and_lower_the_confidence(
    spanish: ApertiumEngine, english: ApertiumEngine
) -> None:
    for engine in (spanish, english):
        known, unknown = engine.translate([Request("Le chat dort."), Request("Le zblorg frouche le chat.")])
        assert known.unknown == ()
        assert "zblorg frouche" in unknown.text
        assert unknown.unknown == ("zblorg", "frouche")
        assert 0 < unknown.confidence < known.confidence < 1


def test_a_word_unknown_to_the_first_hop_is_not_read_as_a_word_of_the_pivot(english: ApertiumEngine) -> None:
    # "once" is no French word that Apertium knows, and eleven in Spanish.
    assert "eleven" not in translate(english, "Il pèse une once.")[0]


def test_a_ligature_is_no_obstacle_and_comes_back_where_the_word_stays(spanish: ApertiumEngine) -> None:
    assert translate(spanish, "Le cœur.", "Le zœblorg.") == ["El corazón.", "El zœblorg."]


def test_a_soft_hyphen_is_no_obstacle_and_comes_back_where_the_word_stays(spanish: ApertiumEngine) -> None:
    drafts = spanish.translate([Request("La coopé\u00adration."), Request("Le zblo\u00adrg.")])
    assert [draft.text for draft in drafts] == ["La cooperación.", "El zblo\u00adrg."]
    assert drafts[1].unknown == ("zblo\u00adrg",)


@pytest.mark.parametrize(
    "sign",
    [
        *"*#@[]{}^$/\\<>~+|=_&%\"'()-",
        "\u00a0",
        "\u202f",
        "\u00ad",
        "\0",
        "\uffff",
        "\U0001f600",
        "¿",
        "[2b]",
        "[-0]",
        "@@",
    ],
    ids=ascii,
)
def test_signs_of_the_author_come_out_as_typed(sign: str, english: ApertiumEngine) -> None:
    draft = translate(english, f"Le chat {sign} le chien.", f"{sign}", f"{sign} Le chat {sign}")
    assert draft[0] == f"The cat {sign} the dog."
    assert draft[1] == sign
    assert draft[2].startswith(sign)
    assert draft[2].endswith(f"at {sign}")


def test_names_with_signs_are_not_translated(spanish: ApertiumEngine, english: ApertiumEngine) -> None:
    text = "Voir a@b.org, 5*3, #MeToo, #climat, C#, @maison et https://exemple.fr/la_maison?a=b#c."
    for draft in (*translate(spanish, text), *translate(english, text)):
        assert re.findall(r"[\w:/.?=#*@]*[#*@_][\w:/.?=#*@]*\w", draft + " ") == [
            "a@b.org", "5*3", "#MeToo", "#climat", "@maison", "https://exemple.fr/la_maison?a=b#c",
        ]  # fmt: skip
        assert "C#," in draft


def test_blanks_around_a_segment_keep_their_place(english: ApertiumEngine) -> None:
    assert translate(english, "  Le chat ", "\tLe chat\u00a0") == ["  The cat ", "\tThe cat\u00a0"]


def test_marks_do_not_leak(spanish: ApertiumEngine, english: ApertiumEngine) -> None:
    texts = [
        "Les GPU sont chers.", "Je la lui donne.", "L'OPEP le leur a dit.", "C'est l'homme dont la fille est venue.",
        "Estimez-le !", "Des ajouts mineurs.", "Y en a-t-il ?", "Il s'en est allé en pèlerinage.",
        "Qu'il le lui donne.",
    ]  # fmt: skip
    for draft in (*translate(spanish, *texts), *translate(english, *texts)):
        assert not re.search(r"[*#@/\\<>\[\]{}^$~]|prpers|prn", draft)


def test_ten_thousand_segments_keep_order_and_count(english: ApertiumEngine) -> None:
    drafts = translate(english, *(f"Le numéro {number} arrive" for number in range(10_000)))
    assert [re.findall(r"\d+", draft) for draft in drafts] == [[str(number)] for number in range(10_000)]


def test_segments_do_not_influence_each_other(english: ApertiumEngine, case_texts: list[str]) -> None:
    together = translate(english, *case_texts)
    assert translate(english, *reversed(case_texts)) == together[::-1]
    assert [translate(english, text)[0] for text in case_texts[:4]] == together[:4]


@pytest.fixture
def case_texts() -> list[str]:
    return [
        "La mise en", "place du système", "Le parti", "a été fondé en 1921", "Il y", "a", "aujourd'", "hui", "[ouvert",
        "fermé]", "^mot$", "fin\\", "Un chat\\", "des pommes de", "terre", "", "et", "Les GPU", "sont chers",
    ]  # fmt: skip


# No shrinking: each try runs the whole pipeline, and the batch names its segment anyway.
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=6),
                st.sampled_from(["le chat", "dont", "zblorg", "lui", "ꀀ", *"[]{}^$/\\@<>*#~\0\uffff\u00ad"]),
            ),
            max_size=6,
        ).map(" ".join),
        min_size=200,
        max_size=200,
    )
)
def test_any_characters_are_isolated_and_kept(english: ApertiumEngine, texts: list[str]) -> None:
    fenced = [f"12{number:03}21 {text} 34{number:03}43" for number, text in enumerate(texts)]
    drafts = translate(english, *fenced)
    for number, (text, draft) in enumerate(zip(fenced, drafts, strict=True)):
        assert draft.startswith(f"12{number:03}21")
        assert draft.endswith(f"34{number:03}43")
        for sign in "[]{}^$/\\@<>*#~\0\uffff":
            assert draft.count(sign) == text.count(sign)


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "Le chat dort bien. " * 16_000, "de-" * 10_000, "*" * 100_000],
    ids=["letters", "prose", "hyphens", "signs"],
)
def test_a_very_long_segment_is_cut_and_nothing_of_it_lost(text: str, spanish: ApertiumEngine) -> None:
    draft = translate(spanish, text)[0]
    assert len(draft) >= len(text) * 0.9
    assert draft.count("-") == text.count("-")
    assert draft.count("*") == text.count("*")


def test_pins_stand_in_the_draft(spanish: ApertiumEngine, english: ApertiumEngine) -> None:
    text = "Les unités de traitement graphique sont chères."
    (draft,) = spanish.translate([pin(text, "unités de traitement graphique", *GPU)])
    assert (draft.text, draft.unknown) == ("Las unidades de procesamiento gráfico son caras.", ())
    (draft,) = english.translate([pin(text, "unités de traitement graphique", "GPUs", "graphics processing units")])
    assert (draft.text, draft.unknown) == ("The GPUs are expensive.", ())


@pytest.mark.parametrize(
    ("text", "form", "draft"),
    [
        ("Zut alors.", "darn", "Darn"),
        ("« Zut alors.", "darn", "« Darn"),
        ("zut alors.", "darn", "darn"),
        ("Zut alors.", "eBay", "eBay"),
        ("Zut", "darn", "Darn"),
    ],
)
def test_a_lower_case_form_gets_a_capital_where_it_opens_a_sentence(
    text: str, form: str, draft: str, english: ApertiumEngine
) -> None:
    term = "Zut" if "Zut" in text else "zut"
    assert english.translate([pin(text, term, form)])[0].text.startswith(draft)


def test_a_name_that_opens_a_sentence_gives_no_capital_to_the_verb(english: ApertiumEngine) -> None:
    assert english.translate([pin("Zblorg est grand.", "Zblorg", "Zblorg")])[0].text == "Zblorg is big."


def test_pins_keep_apart_from_signs_addresses_and_each_other(english: ApertiumEngine) -> None:
    text = "ꀀ #x est dans a@b.org et *x*x"
    pins = tuple(Pin(match.start(), match.end(), ("[*ꀁ]",)) for match in re.finditer("x", text))
    nested = (*pins, Pin(pins[0].start, pins[0].end + 4, ("inner",)))
    draft = english.translate([Request(text, nested)])[0].text
    assert draft.startswith("ꀀ #")
    assert draft.count("[*ꀁ]") == 3
    assert "a@b.org" in draft
    assert not set(draft) & set(map(chr, range(0xA002, 0xA48D)))


def test_a_pin_in_a_long_segment_is_not_cut(english: ApertiumEngine) -> None:
    text = "chat " * 198 + "unité de traitement graphique " + "chien " * 800
    assert english.translate([pin(text, "unité de traitement graphique", "GPU")])[0].text.count("GPU") == 1


def test_a_missing_program_or_pair_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_available("fr", "es")
    assert not is_available("fr", "zu")
    with pytest.raises(EngineError, match=r"from fr to zu.*apt-get install apertium apertium-fr-es apertium-eng-spa"):
        open_apertium("fr", "zu")
    monkeypatch.setenv("PATH", "/nowhere")
    assert not is_available("fr", "es")
    with pytest.raises(EngineError, match="apt-get install apertium apertium-fr-es apertium-eng-spa"):
        open_apertium("fr", "es")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the modes folder of a copy of the installation, which the engine finds first."""
    program = Path(shutil.which("apertium") or "")
    assert program.name, "apertium is not installed"
    modes = tmp_path / "share" / "apertium" / "modes"
    modes.mkdir(parents=True)
    for mode in ("fr-es", "spa-eng"):
        shutil.copy(Apertium(program).data / "modes" / f"{mode}.mode", modes)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "apertium").symlink_to(program)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]))
    return modes


def test_the_optional_pairs_may_be_missing(copy: Path, spanish: ApertiumEngine) -> None:
    engine = open_apertium("fr", "es")
    assert copy.is_dir()
    assert translate(engine, "Le chat dort.") == ["El gato duerme."]
    assert re.fullmatch(r"apertium fr→es r\d+ [0-9a-f]{8}", engine.signature)
    assert translate(spanish, "Le chat dort.") == ["El gato duerme."]


def test_other_data_give_another_signature(copy: Path) -> None:
    before = open_apertium("fr", "es").signature
    with (copy / "fr-es.mode").open("a") as mode:
        mode.write("\n")
    assert open_apertium("fr", "es").signature != before


def test_another_dictionary_for_the_words_of_terms_gives_another_signature(
    copy: Path, spanish: ApertiumEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apertium, "_lexicon", Lexicon)
    before = open_apertium("fr", "es").signature
    shutil.copy(spanish._apertium.data / "modes" / "es-fr.mode", copy)  # noqa: SLF001 (where the data are)
    assert open_apertium("fr", "es").signature != before


@pytest.mark.parametrize(
    ("mode", "fact"),
    [
        ("lt-proc '/nowhere.bin'", r"no answer for 'chat 0' \(.*nowhere"),
        ("sed d", r"no answer for 'chat 0' \(and no message\)"),
        ("tr '\\0' ' '", "no answer"),
        ("frobnicate", "frobnicate: command not found"),
    ],
)
def test_a_broken_mode_names_the_command(mode: str, fact: str, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.engines.apertium_pipe._QUIET", 0.2)
    (copy / "fr-es.mode").write_text(mode)
    engine = open_apertium("fr", "es")
    with pytest.raises(EngineError, match=rf"apertium.* fr-es` .*{fact}"):
        translate(engine, *(f"chat {number}" for number in range(20)))


def test_a_lost_segment_stays_as_it_is_and_the_others_keep_their_place(copy: Path) -> None:
    (copy / "fr-es.mode").write_text("stdbuf -o0 sed -z 's/.*perdu.*//'")
    engine = open_apertium("fr", "es")
    texts = [f"chat {number}" for number in range(9)]
    texts[4] = "mot perdu *"
    drafts = engine.translate([Request(text) for text in texts])
    assert [draft.text for draft in drafts] == texts
    assert drafts[4] == Translation("mot perdu *", 0.0, ("mot", "perdu"))


def test_a_program_that_hangs_is_ended(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.engines.apertium_stream._SECONDS", 1)
    (copy / "fr-es.mode").write_text("tail -f /dev/null")
    with pytest.raises(EngineError, match="no answer in 1 seconds"):
        translate(open_apertium("fr", "es"), "chat")


def find_programs(program: str) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=1) for line in listed.splitlines()]
    return {int(pid) for pid, name in rows if name == program}


def wait_for_none(program: str) -> None:
    end = time.monotonic() + 30
    while find_programs(program):
        assert time.monotonic() < end, f"{program} runs on"
        time.sleep(0.05)


def write_mode(modes: Path, program: str) -> None:
    """Make a mode of one program, whose name nobody else uses, that returns what it reads."""
    shutil.copy(shutil.which("cat") or "", modes / program)
    (modes / "start").write_text(f"#!/bin/sh\nexec '{modes}/{program}'\n")  # without the `-z` that all programs get
    (modes / "start").chmod(0o755)
    (modes / "fr-es.mode").write_text(f"{modes}/start")


@pytest.fixture
def _no_collection() -> Iterator[None]:
    """Nothing that waits for a collection of cycles goes away."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collection")
def test_programs_are_started_once_and_end_with_the_engine(copy: Path) -> None:
    write_mode(copy, "meow")
    program = Apertium(copy.parents[2] / "bin" / "apertium")
    assert program.translate("fr-es", ["chat", "chien"]) == ["chat", "chien"]
    (first,) = find_programs("meow")
    assert program.translate("fr-es", ["maison"]) == ["maison"]
    assert find_programs("meow") == {first}
    os.kill(first, signal.SIGKILL)
    assert program.translate("fr-es", ["jardin"]) == ["jardin"]
    (second,) = find_programs("meow")
    assert second != first
    del program
    wait_for_none("meow")


def test_a_program_that_dies_in_the_middle_loses_its_segment_alone(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.engines.apertium_pipe._QUIET", 0.2)
    (copy / "fr-es.mode").write_text(
        " | ".join(f"stdbuf -o0 sed -z {rule}" for rule in ("s/a/a/", "/mortel/Q", "s/a/a/"))
    )
    texts = [f"chat {number}" for number in range(9)]
    texts[4] = "mot mortel"
    drafts = open_apertium("fr", "es").translate([Request(text) for text in texts])
    assert [draft.text for draft in drafts] == texts
    assert [draft.unknown for draft in drafts if draft.unknown] == [("mot", "mortel")]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, None])
def test_programs_do_not_outlive_the_run(copy: Path, how: signal.Signals | None) -> None:
    write_mode(copy, "purr")
    code = f"""if True:
        from pathlib import Path
        from pipeline.engines.apertium_stream import Apertium
        program = Apertium(Path({str(copy.parents[2] / "bin" / "apertium")!r}))
        print(program.translate("fr-es", ["chat"]), flush=True)
        {"input()" if how else ""}
    """
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "['chat']\n"
        if how:
            assert len(find_programs("purr")) == 1
            process.send_signal(how)
        process.wait()
    wait_for_none("purr")


def test_quality_does_not_fall_on_flores(shared: Path, spanish: ApertiumEngine) -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    floors = json.loads(Path(__file__).with_name("floors.json").read_text())["apertium"]["flores-dev"]
    floor = floors["es by the detour" if "+" in spanish.signature else "es"]
    source, reference = (
        (shared / "eval" / "mt" / f"flores-dev.{code}").read_text(encoding="utf-8").splitlines()[:200]
        for code in ("fr", "es")
    )
    drafts = spanish.translate([Request(text) for text in source])
    words = [re.findall(r"[^\W\d_]+", text) for text in source]
    rates = [sum(word in d.unknown for word in some) / len(some) for d, some in zip(drafts, words, strict=True)]
    unknown = sum(rates) / len(rates)
    assert sacrebleu.corpus_chrf([draft.text for draft in drafts], [reference]).score >= floor["chrf"]
    assert unknown <= floor["unknown_rate"]


def test_the_surest_drafts_are_better_than_the_least_sure(shared: Path, spanish: ApertiumEngine) -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    source, reference = (
        (shared / "eval" / "mt" / f"flores-dev.{code}").read_text(encoding="utf-8").splitlines()[:200]
        for code in ("fr", "es")
    )
    drafts = spanish.translate([Request(text) for text in source])
    order = sorted(range(200), key=lambda n: drafts[n].confidence)
    worst, best = (
        sacrebleu.corpus_chrf([drafts[n].text for n in some], [[reference[n] for n in some]]).score
        for some in (order[:50], order[-50:])
    )
    assert best >= worst + 4


def test_a_term_that_apertium_says_by_itself_keeps_its_grammar(
    spanish: ApertiumEngine, english: ApertiumEngine
) -> None:
    text = "La Russie cherche des unités de traitement graphique."
    # The stand-in for a country would be "la Rusia".
    assert spanish.translate([pin(text, "Russie", "Rusia")])[0].text.startswith("Rusia busca")
    assert english.translate([pin(text, "Russie", "Russia")])[0].text.startswith("Russia looks")
    assert "Federación Rusa" in spanish.translate([pin(text, "Russie", "Federación Rusa")])[0].text


def test_a_term_that_is_said_alone_but_not_in_the_sentence_is_held_all_the_same(spanish: ApertiumEngine) -> None:
    request = pin("Il rend service.", "service", "servicio")
    plain = spanish.translate([Request("service"), Request(request.text)])
    assert [draft.text for draft in plain] == ["servicio", "Hace un favor."]
    assert "servicio" in spanish.translate([request])[0].text


def test_words_of_pins_are_not_unknown(spanish: ApertiumEngine) -> None:
    plain, pinned = spanish.translate([Request("Le zblorg dort."), pin("Le zblorg dort.", "zblorg", "zblorg")])
    assert plain.unknown == ("zblorg",)
    assert pinned.unknown == ()
    assert pinned.confidence > plain.confidence


def test_followed_stretches_are_found_in_the_draft_also_through_a_pivot(
    spanish: ApertiumEngine, english: ApertiumEngine
) -> None:
    text = "Les [dossiers] de la petite souris dorment afin de vivre avec l’OPEP."
    words = ["Les [dossiers] de la", "petite souris", "dorment", "afin de vivre avec l’", "OPEP"]
    followed = tuple((text.index(word), text.index(word) + len(word)) for word in words)
    request = replace(pin(text, "petite souris", "GPU"), followed=followed)
    for engine, expected in (
        (
            spanish,
            {"petite souris": "GPU", "dorment": "duermen", "afin de vivre avec l’": "con el fin de vivir con la"},
        ),
        (english, {"petite souris": "GPU", "afin de vivre avec l’": "with the end to live with the"}),
    ):
        (draft,) = engine.translate([request])
        (plain,) = engine.translate([replace(request, followed=())])
        assert (draft.text, plain.links) == (plain.text, ())
        rendered: dict[str, list[str]] = {}
        for link in draft.links:
            rendered.setdefault(text[slice(*link.source)], []).append(draft.text[slice(*link.target)])
        assert list(draft.links) == sorted(draft.links, key=lambda link: link.target)
        found = {source: " ".join(parts) for source, parts in rendered.items()}
        assert {source: found.get(source) for source in expected} == expected
        assert found["OPEP"] in draft.text
