"""The Argos engine on the two small packages of tests/models, and on models built here that copy their source.

The small packages know everyday sentences. The copying models show which tokens reach a model and come back.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.engines import Engine, Request, Translation
from pipeline.engines.argos import ArgosEngine, is_available, open_argos
from pipeline.errors import EngineError
from pipeline.models import InstalledPackage, find_route, install_package

MODELS = Path(__file__).parent / "models"
POSITIONS = 384  # more than the engine lets a model write
CODE = 64  # numbers that tell the tokens of a copying model apart


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("argos") / "packages"
    for file in sorted(MODELS.glob("*.argosmodel")):
        install_package(file, folder)
    return folder


@pytest.fixture(scope="module")
def french_english(folder: Path) -> ArgosEngine:
    return open_argos("fr", "en", folder)


def translate(engine: Engine, *texts: str) -> list[Translation]:
    return engine.translate([Request(text) for text in texts])


def test_direct(french_english: ArgosEngine) -> None:
    drafts = translate(french_english, "Je ne comprends pas.", "Où est la gare ?", "Il fait froid aujourd’hui.")
    assert [d.text for d in drafts] == ["I don't understand.", "Where's the station?", "It's cold today."]
    assert all(0.5 < d.confidence <= 1 and not d.unknown for d in drafts)


def test_pivot(folder: Path, french_english: ArgosEngine) -> None:
    (direct,) = translate(french_english, "Je ne comprends pas.")
    (draft,) = translate(open_argos("fr", "es", folder), "Je ne comprends pas.")
    assert draft.text == "No entiendo."
    assert 0 < draft.confidence < direct.confidence


def test_confidence_is_the_geometric_mean_of_the_probabilities_of_the_tokens(
    folder: Path, french_english: ArgosEngine
) -> None:
    from argostranslate.package import Package  # noqa: PLC0415 (see conftest.py)
    from ctranslate2 import Translator  # noqa: PLC0415

    path = folder / "translate-fr_en-0_1"
    encode = Package(path).tokenizer.encode
    (draft,) = translate(french_english, "Je ne comprends pas.")
    scores = Translator(str(path / "model")).score_batch(
        [encode("Je ne comprends pas.")], [["__en__", *encode(draft.text)]]
    )[0]
    assert scores.tokens[0] == "__en__"
    assert draft.confidence == pytest.approx(np.exp(np.mean(scores.log_probs[1:])), abs=0.01)


def test_the_signature_names_each_package_with_a_digest(folder: Path, tmp_path: Path) -> None:
    signature = open_argos("fr", "es", folder).signature
    name, pair, version, digest, *second = signature.split(" ")
    assert (name, pair, version, len(digest.rstrip(","))) == ("argos", "fr→en", "0.1", 8)
    assert second[:2] == ["en→es", "0.1"]
    shutil.copytree(folder, tmp_path / "packages")
    assert open_argos("fr", "es", tmp_path / "packages").signature == signature
    with (tmp_path / "packages" / "translate-en_es-0_1" / "model" / "model.bin").open("ab") as stream:
        stream.write(b"\0")
    assert open_argos("fr", "es", tmp_path / "packages").signature != signature
    assert open_argos("fr", "en", tmp_path / "packages").signature == open_argos("fr", "en", folder).signature


def test_no_route_is_an_error_that_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    assert is_available("fr", "es", folder)
    assert not is_available("es", "fr", folder)
    with pytest.raises(EngineError, match="no Argos packages lead from es to fr; install one: passerelle models"):
        open_argos("es", "fr", folder)
    (tmp_path / "half").mkdir()
    with pytest.raises(EngineError, match=r"from fr to en \(.*half: metadata.json is missing\)"):
        open_argos("fr", "en", tmp_path)


def packages(*pairs: str) -> list[InstalledPackage]:
    return [InstalledPackage(Path(f"/{pair}"), pair[:2], pair[3:], "1", 0) for pair in pairs]


def test_the_shortest_route_is_taken_and_english_before_others() -> None:
    found = packages("fr-de", "de-es", "fr-en", "en-es", "fr-pt", "pt-it", "it-ca", "ca-fr")
    routes = [(target, [p.path.name for p in find_route(found, "fr", target)]) for target in ("es", "it", "ca", "ja")]
    assert routes == [
        ("es", ["fr-en", "en-es"]),
        ("it", ["fr-pt", "pt-it"]),
        ("ca", ["fr-pt", "pt-it", "it-ca"]),
        ("ja", []),
    ]
    assert [p.path.name for p in find_route([*found, *packages("fr-es")], "fr", "es")] == ["fr-es"]
    assert find_route(found, "fr", "fr") == ()


def test_a_draft_that_loops_is_made_again(french_english: ArgosEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def find_repeated() -> list[str]:
        (draft,) = translate(french_english, "Les ministres de la Défense des Pays-Bas se réunissent à Rotterdam.")
        return re.findall(r"\b(\w+ \w+.*) \1\b", draft.text)

    assert find_repeated() == []
    monkeypatch.setattr("pipeline.engines.argos_model.UNREPEATED", ())
    assert find_repeated() != []


def test_empty_and_blank_requests_come_back_as_they_are(french_english: ArgosEngine) -> None:
    assert french_english.translate([]) == []
    drafts = translate(french_english, "", "Merci.", " \u00a0 ")
    assert [d.text for d in drafts] == ["", "Thank you.", " \u00a0 "]


def test_2000_requests_keep_order_and_text_whatever_their_batch(french_english: ArgosEngine) -> None:
    """Batches do not change the numbers of these int8 models: each row is quantized by itself."""
    sentences = ("Merci.", "Je ne comprends pas.", "Nous avons mangé {} pommes.", "Il a {} ans et sa sœur vit à Paris.")
    texts = [sentences[n % 4].format(n) for n in range(2000)]
    drafts = translate(french_english, *texts)
    assert len(drafts) == len(texts)
    for n in range(0, 2000, 111):
        assert translate(french_english, texts[n]) == [drafts[n]]


def test_a_damaged_model_names_its_folder(folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "packages"
    shutil.copytree(folder, damaged)
    model = damaged / "translate-fr_en-0_1" / "model" / "model.bin"
    content = model.read_bytes()
    for wrong in (content[:10], content[:100_000], content[:4] + b"\xff" * 8 + content[12:]):
        model.write_bytes(wrong)
        with pytest.raises(EngineError) as caught:
            translate(open_argos("fr", "es", damaged), "Merci.")
        assert str(caught.value).startswith(f"{model.parents[1]}: the package cannot be used (")
        assert str(caught.value).endswith("run: passerelle models remove fr en, then install it again")


@pytest.mark.parametrize("name", ["sentencepiece.model", "bpe.model"])
def test_a_damaged_tokenizer_names_its_folder(
    name: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "packages" / "fr_en"
    shutil.copytree(folder / "translate-fr_en-0_1", package)
    (package / "sentencepiece.model").unlink()
    (package / name).write_bytes(b"damaged")
    with pytest.raises(EngineError, match="fr_en: the package cannot be used"):
        translate(open_argos("fr", "en", package.parent), "Merci.")
    assert capsys.readouterr() == ("", "")


def test_translating_imports_no_torch_stanza_or_spacy_and_prints_nothing(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pipeline.engines import Request; from pipeline.engines.argos import open_argos\n"
        "text = open_argos('fr', 'es').translate([Request('Merci.')])[0].text\n"
        "print(text, [m for m in ('torch', 'stanza', 'spacy', 'argostranslate.translate') if m in sys.modules])"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "ARGOS_PACKAGES_DIR": str(folder), "ARGOS_DEBUG": "1"}
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("Gracias. []\n", "")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"XDG_CACHE_HOME": os.devnull}, "Gracias.\n"),
        ({"ARGOS_INTER_THREADS": "all"}, "EngineError Argos Translate does not start (ValueError: invalid literal"),
    ],
)
def test_argos_starts_without_a_home_and_says_why_it_does_not(
    variables: dict[str, str], expected: str, folder: Path, tmp_path: Path
) -> None:
    code = (
        "import os; from pipeline.engines import Request; from pipeline.engines.argos import open_argos\n"
        "before = dict(os.environ)\n"
        "try: print(open_argos('fr', 'es').translate([Request('Merci.')])[0].text)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "assert os.environ == before"
    )
    environment = {**os.environ, "ARGOS_PACKAGES_DIR": str(folder), "TMPDIR": str(tmp_path), **variables}
    output = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert output.startswith(expected)
    assert output.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def fill(layer: Any, weight: Any) -> None:  # noqa: ANN401 (ctranslate2 ships no types)
    layer.weight, layer.bias = weight.astype(np.float32), np.zeros(len(weight), np.float32)


def fill_norms(*norms: Any) -> None:  # noqa: ANN401
    for norm in norms:
        norm.gamma, norm.beta = np.ones(CODE + POSITIONS, np.float32), np.zeros(CODE + POSITIONS, np.float32)


def build_copying_model(model: Path, vocabulary: list[str]) -> None:
    """Write a Transformer of one layer whose n-th output token is its n-th input token.

    A state is a token's code (random signs) beside its position. All attention and feed-forward is
    zero, but that of the decoder on the encoder: it looks for its own position, and takes the code found there.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "torch", None)  # the specifications would import it if they could, for seconds
        from ctranslate2.specs import transformer_spec  # noqa: PLC0415

    width = CODE + POSITIONS
    signs = np.array([1.0, -1.0] * (CODE // 2))
    order = np.random.default_rng(7)
    codes = np.zeros((len(vocabulary), width), np.float32)
    codes[:, :CODE] = [order.permutation(signs) for _ in vocabulary]
    positions = np.zeros((POSITIONS, width), np.float32)
    positions[:, CODE:] = np.sqrt(POSITIONS) * np.eye(POSITIONS)
    zero, both = np.zeros((width, width)), np.eye(width)
    token, place = np.diag([1.0] * CODE + [0.0] * POSITIONS), np.diag([0.0] * CODE + [1.0] * POSITIONS)
    spec = transformer_spec.TransformerSpec(
        transformer_spec.TransformerEncoderSpec(1, 1, pre_norm=True),
        transformer_spec.TransformerDecoderSpec(1, 1, pre_norm=True, alignment_layer=-1, alignment_heads=1),
    )
    for side, embeddings in ((spec.encoder, spec.encoder.embeddings[0]), (spec.decoder, spec.decoder.embeddings)):
        embeddings.weight = codes if side is spec.encoder else np.zeros_like(codes)
        side.scale_embeddings, side.position_encodings.encodings = False, positions
        (layer,) = side.layer
        fill(layer.self_attention.linear[0], np.concatenate([zero] * 3))
        fill(layer.self_attention.linear[1], zero)
        fill(layer.ffn.linear_0, zero)
        fill(layer.ffn.linear_1, zero)
        fill_norms(side.layer_norm, layer.self_attention.layer_norm, layer.ffn.layer_norm)
    look = spec.decoder.layer[0].attention
    fill_norms(look.layer_norm)
    for linear, weight in zip(look.linear, (10 * place, np.concatenate([place, token]), both), strict=True):
        fill(linear, weight)
    fill(spec.decoder.projection, codes)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos, spec.config.decoder_start_token = True, "<s>"
    spec.validate()
    spec.optimize(quantization="int8")
    model.mkdir()
    spec.save(str(model))


def open_copying_engine(package: Path, *known: str) -> ArgosEngine:
    """Complete a folder that holds a tokenizer; the model's vocabulary is what the `known` texts are made of."""
    from argostranslate.package import Package  # noqa: PLC0415 (see conftest.py)

    metadata = {"from_code": "es", "to_code": "en", "package_version": "1.9"}
    (package / "metadata.json").write_text(json.dumps(metadata))
    tokens = {token for text in known for token in Package(package).tokenizer.encode(text)}
    build_copying_model(package / "model", ["<unk>", "<s>", "</s>", *sorted(tokens - {"<unk>"})])
    return open_argos("es", "en", package.parent)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "packages" / "es_en"
    package.mkdir(parents=True)
    return package


@pytest.fixture
def own_sentencepiece(package: Path, folder: Path) -> Path:
    shutil.copy(folder / "translate-fr_en-0_1" / "sentencepiece.model", package)
    return package


@pytest.fixture
def own_bpe(package: Path) -> Path:
    (package / "bpe.model").write_text("#version: 0.2\nl a</w>\nd o</w>\ne n\nu n</w>\n")
    return package


@pytest.fixture
def official_sentencepiece(package: Path, shared: Path) -> Path:
    shutil.copy(shared / "models" / "official-tokenizers" / "translate-fr_en-1_9" / "sentencepiece.model", package)
    return package


@pytest.fixture
def official_bpe(package: Path, shared: Path) -> Path:
    shutil.copy(shared / "models" / "official-tokenizers" / "translate-es_en-1_9" / "bpe.model", package)
    return package


@pytest.fixture(params=["own_sentencepiece", "own_bpe", "official_sentencepiece", "official_bpe"])
def tokenizer(request: pytest.FixtureRequest) -> Path:
    """Return a package's folder with nothing but a tokenizer in it."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


def test_the_tokens_of_a_package_reach_its_model_and_come_back(tokenizer: Path) -> None:
    texts = ["La casa, del mundo entero, es un jardín.", "«¿Hola?», dijo (en 2024) a 12,5 %.", "R&D <b> l'œil a_b"]
    engine = open_copying_engine(tokenizer, *texts)
    plain = [draft.text.replace(" ", "") for draft in translate(engine, *texts)]
    assert plain[0] == texts[0].replace(" ", "")
    assert translate(engine, texts[0])[0].text == texts[0]
    # Moses normalizes quotation marks; letters, figures and the rest come back.
    assert [text.replace("«", '"').replace("»", '"') for text in plain] == [
        text.replace("«", '"').replace("»", '"').replace(" ", "") for text in texts
    ]
    assert all(draft.confidence > 0.9 for draft in translate(engine, *texts))


def test_what_a_model_has_no_token_for_is_kept_and_named(tokenizer: Path) -> None:
    engine = open_copying_engine(tokenizer, "La casa es blanca.")
    (draft,) = translate(engine, "La casa 漢 es blanca 😀.")
    assert draft.text.replace(" .", ".") == "La casa 漢 es blanca 😀."
    assert draft.unknown == ("漢", "😀.")


def test_nothing_of_a_long_segment_is_lost(tokenizer: Path) -> None:
    clause = "la casa del mundo es un jardín"
    words = " ".join([clause] * 60)
    clauses = "; ".join([clause] * 60) + "."
    glued = "la" * 300
    engine = open_copying_engine(tokenizer, clauses, glued)
    drafts = translate(engine, words, clauses, glued)
    assert [draft.text for draft in drafts] == [words, clauses, glued]


def rename_outputs(package: Path, **names: str) -> ArgosEngine:
    """Let a copying model write other tokens than those it reads."""
    shared_vocabulary = package / "model" / "shared_vocabulary.json"
    tokens = json.loads(shared_vocabulary.read_text())
    shared_vocabulary.rename(package / "model" / "source_vocabulary.json")
    renamed = json.dumps([names.get(token.strip("</>"), token) for token in tokens])
    (package / "model" / "target_vocabulary.json").write_text(renamed)
    return open_argos("es", "en", package.parent)


def test_a_draft_without_end_keeps_its_source(tokenizer: Path) -> None:
    open_copying_engine(tokenizer, "La casa es blanca.")
    engine = rename_outputs(tokenizer, s="<unk>", unk="</s>")
    assert translate(engine, "La casa.") == [Translation("La casa.", 0.0, ("La casa.",))]


def test_an_empty_draft_keeps_its_source(own_sentencepiece: Path) -> None:
    open_copying_engine(own_sentencepiece, "La casa es blanca.")
    engine = rename_outputs(own_sentencepiece, unk="▁")
    assert translate(engine, "漢") == [Translation("漢", 0.0, ("漢",))]


def test_a_word_of_a_megabyte_is_given_up_at_once(french_english: ArgosEngine) -> None:
    text = "a" * 1_000_000
    draft, other = translate(french_english, text, "Je ne comprends pas.")
    assert draft == Translation(text, 0.0, (text,))
    assert other.text == "I don't understand."
