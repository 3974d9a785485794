"""Train the SentencePiece tokenizer that French, English and Spanish share: half a minute.

python -m training.tokenizer corpus.tsv.xz fr16k.model --vocabulary 16000
"""

import argparse
import io
import random
from collections.abc import Iterator
from pathlib import Path

import sentencepiece

from training.corpus import BEGIN, END, LANGUAGES, PADDING, WEIGHTS, read_rows, tag

_UNKNOWN = 0
_LONGEST = 3000  # bytes of a line


def train_tokenizer(corpus: Path, vocabulary: int, lines: int) -> bytes:
    """Return a model made from `lines` rows of the corpus, drawn by the weights of their domains, always the same."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=_draw_texts(corpus, lines),
        model_writer=model,
        vocab_size=vocabulary,
        model_type="bpe",
        character_coverage=0.9997,
        byte_fallback=True,  # no character of a source is unknown
        unk_id=_UNKNOWN,
        bos_id=BEGIN,
        eos_id=END,
        pad_id=PADDING,
        user_defined_symbols=[tag(language) for language in LANGUAGES],
        split_digits=True,  # numbers are copied digit by digit
        normalization_rule_name="nmt_nfkc",
        max_sentence_length=_LONGEST,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def _draw_texts(corpus: Path, lines: int) -> Iterator[str]:
    rows = read_rows(corpus)
    dice = random.Random(0)  # noqa: S311 (no secret)
    for row in dice.choices(rows, [WEIGHTS[row.domain] for row in rows], k=lines):
        yield from filter(None, (row.french, *row.translations))


def main() -> None:
    """Train a tokenizer and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--vocabulary", type=int, default=16_000, help="tokens (default: %(default)s)")
    parser.add_argument("--lines", type=int, default=400_000, help="rows that are looked at (default: %(default)s)")
    arguments = parser.parse_args()
    arguments.output.write_bytes(train_tokenizer(arguments.corpus, arguments.vocabulary, arguments.lines))


if __name__ == "__main__":
    main()
