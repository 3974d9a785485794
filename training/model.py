"""A Transformer of an encoder and a decoder with norms before each part, as CTranslate2 knows it."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.corpus import PADDING

POSITIONS = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model is built from; its width is a multiple of its heads."""

    vocabulary: int
    width: int
    inner: int
    heads: int
    encoder_layers: int
    decoder_layers: int


class Attention(nn.Module):
    """Attention to the text itself, or to another one: `memory`."""

    def __init__(self, shape: Shape, *, is_cross: bool = False) -> None:
        super().__init__()
        self.heads = shape.heads
        self.is_cross = is_cross
        if is_cross:
            self.query = nn.Linear(shape.width, shape.width)
            self.key_value = nn.Linear(shape.width, 2 * shape.width)
        else:
            self.query_key_value = nn.Linear(shape.width, 3 * shape.width)
        self.output = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Return (batch, length, width); without a mask no token sees those after it."""
        if memory is None:
            query, key, value = self.query_key_value(x).chunk(3, -1)
        else:
            query, (key, value) = self.query(x), self.key_value(memory).chunk(2, -1)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
        output: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return output


class FeedForward(nn.Module):
    """Two linear layers, wide in between."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.first = nn.Linear(shape.width, shape.inner)
        self.second = nn.Linear(shape.inner, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, length, width)."""
        output: Tensor = self.second(functional.relu(self.first(x)))
        return output


class EncoderLayer(nn.Module):
    """Attention to the source, then a feed-forward part."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(shape.width)
        self.attention = Attention(shape)
        self.feed_norm = nn.LayerNorm(shape.width)
        self.feed = FeedForward(shape)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (batch, length, width)."""
        x = x + self.dropout(self.attention(self.attention_norm(x), mask=mask))
        output: Tensor = x + self.dropout(self.feed(self.feed_norm(x)))
        return output


class DecoderLayer(nn.Module):
    """Attention to what was written, attention to the source, then a feed-forward part."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(shape.width)
        self.attention = Attention(shape)
        self.cross_norm = nn.LayerNorm(shape.width)
        self.cross = Attention(shape, is_cross=True)
        self.feed_norm = nn.LayerNorm(shape.width)
        self.feed = FeedForward(shape)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        """Return (batch, length, width)."""
        x = x + self.dropout(self.attention(self.attention_norm(x)))
        x = x + self.dropout(self.cross(self.cross_norm(x), memory, mask))
        output: Tensor = x + self.dropout(self.feed(self.feed_norm(x)))
        return output


class Transformer(nn.Module):
    """The model; one matrix embeds the tokens of both sides and projects the decoder's output on them."""

    positions: Tensor

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.register_buffer("positions", torch.from_numpy(encode_positions(shape.width)), persistent=False)
        self.encoder = nn.ModuleList(EncoderLayer(shape, dropout) for _ in range(shape.encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(shape, dropout) for _ in range(shape.decoder_layers))
        self.encoder_norm = nn.LayerNorm(shape.width)
        self.decoder_norm = nn.LayerNorm(shape.width)
        self.dropout = nn.Dropout(dropout)
        self.output_bias = nn.Parameter(torch.zeros(shape.vocabulary))
        nn.init.normal_(self.embedding.weight, 0, shape.width**-0.5)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, source: Tensor, written: Tensor) -> Tensor:
        """Return the decoder's output (batch, length, width) of ids (batch, length); `project` makes it logits."""
        mask = (source != PADDING)[:, None, None, :]
        memory = self._embed(source)
        for layer in self.encoder:
            memory = layer(memory, mask)
        memory, x = self.encoder_norm(memory), self._embed(written)
        for layer in self.decoder:
            x = layer(x, memory, mask)
        output: Tensor = self.decoder_norm(x)
        return output

    def project(self, output: Tensor) -> Tensor:
        """Return a logit a token of the vocabulary."""
        return functional.linear(output, self.embedding.weight, self.output_bias)

    def _embed(self, ids: Tensor) -> Tensor:
        scaled = self.embedding(ids) * math.sqrt(self.shape.width)
        embedded: Tensor = self.dropout(scaled + self.positions[: ids.shape[1]])
        return embedded


def encode_positions(width: int) -> NDArray[np.float32]:
    """Return the sines and cosines of positions, (POSITIONS, width), as CTranslate2's other converters do."""
    rates = np.exp(np.arange(width // 2) * -(math.log(10_000) / (width // 2 - 1)))
    angles = np.arange(POSITIONS)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
