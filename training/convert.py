"""A trained model as CTranslate2 reads it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.common_spec import Activation
from ctranslate2.specs.transformer_spec import TransformerDecoderSpec, TransformerEncoderSpec, TransformerSpec
from numpy.typing import NDArray
from torch import Tensor

from training.model import Transformer, encode_positions


def write_model(model: Transformer, vocabulary: Sequence[str], folder: Path) -> None:
    """Write a model with its vocabulary, in int8.

    The attention that it tells is the mean of all heads of the last layer: nearer to a word alignment than that of any
    one head that was not trained to be one (figures in pipeline/engines/links.py).
    """
    heads, kind = model.shape.heads, {"pre_norm": True, "activation": Activation.RELU}
    encoder = TransformerEncoderSpec(model.shape.encoder_layers, heads, **kind)
    decoder = TransformerDecoderSpec(
        model.shape.decoder_layers, heads, alignment_layer=-1, alignment_heads=heads, **kind
    )
    _fill_encoder(encoder, model)
    _fill_decoder(decoder, model)
    spec = TransformerSpec(encoder, decoder)
    spec.register_source_vocabulary(list(vocabulary))
    spec.register_target_vocabulary(list(vocabulary))
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = "<s>"  # noqa: S105 (no password)
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True)
    spec.save(str(folder))


def _fill_encoder(spec: TransformerEncoderSpec, model: Transformer) -> None:
    _fill_embedding(spec, spec.embeddings[0], model)
    _fill_norm(spec.layer_norm, model.encoder_norm)
    for layer_spec, layer in zip(spec.layer, model.encoder, strict=True):
        _fill_layer(layer_spec, layer)


def _fill_decoder(spec: TransformerDecoderSpec, model: Transformer) -> None:
    _fill_embedding(spec, spec.embeddings, model)
    _fill_norm(spec.layer_norm, model.decoder_norm)
    spec.projection.weight = _numbers(model.embedding.weight)
    spec.projection.bias = _numbers(model.output_bias)
    for layer_spec, layer in zip(spec.layer, model.decoder, strict=True):
        _fill_layer(layer_spec, layer)
        _fill_norm(layer_spec.attention.layer_norm, layer.cross_norm)
        _fill_attention(layer_spec.attention, layer.cross)


def _fill_embedding(spec: Any, embeddings: Any, model: Transformer) -> None:  # noqa: ANN401
    embeddings.weight = _numbers(model.embedding.weight)
    spec.scale_embeddings = True
    spec.position_encodings.encodings = encode_positions(model.shape.width)


def _fill_layer(spec: Any, layer: Any) -> None:  # noqa: ANN401
    _fill_norm(spec.self_attention.layer_norm, layer.attention_norm)
    _fill_attention(spec.self_attention, layer.attention)
    _fill_norm(spec.ffn.layer_norm, layer.feed_norm)
    _fill_feed(spec.ffn, layer.feed)


def _fill_attention(spec: Any, attention: Any) -> None:  # noqa: ANN401
    inputs = [attention.query, attention.key_value] if attention.is_cross else [attention.query_key_value]
    for linear_spec, linear in zip(spec.linear, [*inputs, attention.output], strict=True):
        _fill_linear(linear_spec, linear)


def _fill_feed(spec: Any, feed: Any) -> None:  # noqa: ANN401
    _fill_linear(spec.linear_0, feed.first)
    _fill_linear(spec.linear_1, feed.second)


def _fill_linear(spec: Any, linear: Any) -> None:  # noqa: ANN401
    spec.weight, spec.bias = _numbers(linear.weight), _numbers(linear.bias)


def _fill_norm(spec: Any, norm: Any) -> None:  # noqa: ANN401
    spec.gamma, spec.beta = _numbers(norm.weight), _numbers(norm.bias)


def _numbers(tensor: Tensor) -> NDArray[np.float32]:
    numbers: NDArray[np.float32] = tensor.detach().float().numpy().copy()  # CTranslate2 changes them
    return numbers
