"""Build an Argos package of the size of the official ones, with random weights: good for measuring speed alone.

Transformer-base as argostranslate trains it: 6 + 6 layers, 512 wide, 2,048 feed-forward, 8 heads, the vocabulary
of the official tokenizer, int8. Weights are drawn with a fixed seed. So that outputs end about where those of a trained
model do, one dimension of the decoder's positions rises from token to token, the end of sentence reads it, and has a
bias, found by bisection, with which outputs are together as long as their sources.

    python tests/benchmarks/random_package.py TOKENIZER_FOLDER SENTENCES.txt OUTPUT_FOLDER
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import ctranslate2
import numpy as np
import sentencepiece
from ctranslate2.specs import TransformerSpec
from ctranslate2.specs.common_spec import LinearSpec
from ctranslate2.specs.model_spec import LayerSpec, visit_spec

LAYERS, WIDTH, INNER, HEADS = 6, 512, 2048, 8
END = "</s>"
_TRIES = 12
_POSITIONS = 512
_RISES, _READS = 0.5, 5  # a token, and how much the end of sentence makes of it
_SAMPLE = 24  # sentences that a bias is tried on


def build_package(tokenizer: Path, sentences: list[str], folder: Path) -> float:
    """Write a package; return the mean length of its outputs, in tokens, over that of its sources."""
    shutil.copytree(tokenizer, folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    vocabulary = json.loads((folder / "model" / "shared_vocabulary.json").read_text(encoding="utf-8"))
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    sources = [processor.encode(text, out_type=str) for text in sentences[:_SAMPLE]]
    low, high = -30.0, 10.0
    ratio = 0.0
    for _ in range(_TRIES):
        bias = (low + high) / 2
        _write_model(folder / "model", vocabulary, bias)
        ratio = _measure(folder / "model", sources)
        if 0.9 < ratio < 1.1:
            break
        low, high = (bias, high) if ratio > 1 else (low, bias)
    return ratio


def _write_model(folder: Path, vocabulary: list[str], bias: float) -> None:
    spec = TransformerSpec.from_config((LAYERS, LAYERS), HEADS)
    dice = np.random.default_rng(0)
    for holder, name, path in _list_weights(spec):
        shape = _shape(path, len(vocabulary))
        scale = shape[-1] ** -0.5
        drawn = dice.normal(0, scale, shape) if name == "weight" else np.full(shape, float(name == "gamma"))
        setattr(holder, name, drawn.astype(np.float32))
        if name == "weight" and isinstance(holder, LinearSpec):
            holder.bias = np.zeros(shape[0], dtype=np.float32)
    projection = spec.decoder.projection
    projection.bias = np.zeros(len(vocabulary), dtype=np.float32)
    projection.bias[vocabulary.index(END)] = bias
    projection.weight[vocabulary.index(END), 0] = _READS
    spec.decoder.position_encodings.encodings = _encode_positions()
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _list_weights(spec: TransformerSpec) -> Iterator[tuple[LayerSpec, str, str]]:
    """Yield the holder, name and path of each weight that a model must have."""
    found: list[tuple[LayerSpec, str, str]] = []
    visit_spec(
        spec,
        lambda holder, path, value: found.append((holder, path.rpartition("/")[2], path)) if value is None else None,
    )
    yield from found


def _shape(path: str, tokens: int) -> tuple[int, ...]:
    if path.endswith(("gamma", "beta")):
        return (WIDTH,)
    shapes = {
        "embeddings_0/weight": (tokens, WIDTH),
        "embeddings/weight": (tokens, WIDTH),
        "projection/weight": (tokens, WIDTH),
        "self_attention/linear_0/weight": (3 * WIDTH, WIDTH),
        "/attention/linear_1/weight": (2 * WIDTH, WIDTH),
        "ffn/linear_0/weight": (INNER, WIDTH),
        "ffn/linear_1/weight": (WIDTH, INNER),
    }
    return next((shape for end, shape in shapes.items() if path.endswith(end)), (WIDTH, WIDTH))


def _encode_positions() -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """Return the usual sines and cosines, with the rising dimension in the place of the first."""
    angles = np.arange(_POSITIONS)[:, None] / 10_000 ** (np.arange(WIDTH // 2)[None, :] / (WIDTH // 2))
    encodings = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    encodings[:, 0] = np.arange(_POSITIONS) * _RISES
    return encodings.astype(np.float32)


def _measure(model: Path, sources: list[list[str]]) -> float:
    translator = ctranslate2.Translator(str(model), intra_threads=2)
    results = translator.translate_batch(sources, beam_size=4, max_decoding_length=240)
    return float(sum(len(result.hypotheses[0]) for result in results) / sum(map(len, sources)))


if __name__ == "__main__":
    tokenizer, text, folder = map(Path, sys.argv[1:])
    ratio = build_package(tokenizer, text.read_text(encoding="utf-8").splitlines(), folder)
    sys.stdout.write(f"{folder}: outputs are {ratio:.2f} times as long as their sources\n")
