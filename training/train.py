"""Train a model on French→English and French→Spanish together, or on one of them; run it again and it goes on.

    python -m training.train corpus.tsv.xz fr16k.model --work ~/mt --budget 400

README.md in this folder has the commands for a GPU and for a CPU. The learning rate follows the target tokens that were
seen, not the clock: on a machine that is shared, hours say nothing about how far a training is.
"""

import argparse
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from training.checkpoint import AVERAGED_EVERY, Progress
from training.corpus import BEGIN, LANGUAGES, PADDING, WEIGHTS, Batch, feed_batches, load_pairs
from training.loss import SmoothedLoss
from training.model import Shape, Transformer

_FALL = 0.3  # of the budget
_LOWEST = 0.02  # of the learning rate
_SHOWN_EVERY = 100  # updates


@dataclass(slots=True)
class _Tally:
    """Loss and target tokens since the last line of progress."""

    since: float
    loss: float = 0.0
    tokens: int = 0


def train(arguments: argparse.Namespace) -> None:
    """Train until the budget is used up or this call's minutes are over; a checkpoint is written at least then."""
    began = saved = time.monotonic()
    progress = _prepare(arguments)
    pairs = load_pairs(arguments.corpus, arguments.tokenizer, arguments.work, arguments.only)
    file = arguments.work / "last.pt"
    weights = pairs.weigh(arguments.weights)
    batches = feed_batches(pairs, weights, arguments.tokens, progress.step + 1, arguments.workers)
    tally = _Tally(time.monotonic())
    while progress.seen < arguments.budget * 1e6 and time.monotonic() - began < arguments.minutes * 60:
        _set_rate(progress, arguments)
        tokens, loss = _update(progress, next(batches), arguments.device)
        tally.tokens, tally.loss = tally.tokens + tokens, tally.loss + loss * tokens
        if progress.step % AVERAGED_EVERY == 0:
            progress.update_average()
        if progress.step % _SHOWN_EVERY == 0:
            _show(progress, tally)
            tally = _Tally(time.monotonic())
        if time.monotonic() - saved > arguments.save_every * 60:
            progress.save(file)
            saved = time.monotonic()
    batches.close()
    progress.save(file)
    _tell(f"stopped at step {progress.step}, {progress.seen / 1e6:.2f} of {arguments.budget} million tokens")


def _prepare(arguments: argparse.Namespace) -> Progress:
    """Build the model, or take up the one in the work folder, or start from another's weights."""
    import sentencepiece  # noqa: PLC0415

    torch.manual_seed(1)
    torch.set_float32_matmul_precision("high")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    arguments.work.mkdir(parents=True, exist_ok=True)
    vocabulary = sentencepiece.SentencePieceProcessor(model_file=str(arguments.tokenizer)).get_piece_size()
    shape = Shape(vocabulary, arguments.width, arguments.inner, arguments.heads, arguments.encoder, arguments.decoder)
    model = Transformer(shape, arguments.dropout).to(arguments.device)
    rate = arguments.rate
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    progress = Progress(model, optimizer)
    if (last := arguments.work / "last.pt").exists():
        progress.resume(last, arguments.device)
    elif arguments.start_from:
        progress.start_from(arguments.start_from, arguments.device)
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    _tell(f"{millions:.1f} million parameters on {arguments.device}, step {progress.step}")
    return progress


def _set_rate(progress: Progress, arguments: argparse.Namespace) -> None:
    """Let the learning rate rise over the first updates and fall over the last 30 % of the budget."""
    left = 1 - progress.seen / (arguments.budget * 1e6)
    rise, fall = min(1.0, (progress.step + 1) / arguments.warmup), min(1.0, max(_LOWEST, left / _FALL))
    for group in progress.optimizer.param_groups:
        group["lr"] = arguments.rate * rise * fall


def _update(progress: Progress, batch: Batch, device: str) -> tuple[int, float]:
    """Learn from a batch; return its target tokens and the mean loss of one."""
    source, written, target = (torch.from_numpy(ids).to(device, non_blocking=True) for ids in batch)
    # Of short sentences a CPU's own kernel takes several times as long, backwards, as plain matrix products.
    attention = sdpa_kernel(SDPBackend.MATH) if device == "cpu" else nullcontext()
    with torch.autocast(device, dtype=torch.bfloat16), attention:
        counted = (target != PADDING) & (written != BEGIN)  # the tag after it is given, not learnt
        logits = progress.model.project(progress.model(source, written)[counted])
    loss: Tensor = SmoothedLoss.apply(logits, target[counted])  # type: ignore[no-untyped-call]
    progress.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(progress.model.parameters(), 1.0)
    progress.optimizer.step()
    tokens = int(counted.sum())
    progress.step += 1
    progress.seen += tokens
    return tokens, float(loss.detach())


def _show(progress: Progress, tally: _Tally) -> None:
    speed = tally.tokens / (time.monotonic() - tally.since)
    rate = progress.optimizer.param_groups[0]["lr"]
    millions, loss = progress.seen / 1e6, tally.loss / tally.tokens
    _tell(
        f"step {progress.step}: {millions:.2f} million tokens, loss {loss:.3f}, rate {rate:.5f}, {speed:.0f} tokens/s"
    )


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _parse_weights(text: str) -> dict[str, float]:
    """Read "prose=3,ui=0"; what is not named keeps its weight."""
    weights = dict(WEIGHTS)
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name not in weights:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(weights)}")
        weights[name] = float(value)
    return weights


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("corpus", type=Path, help="domain, French, English, Spanish between tabs; .xz or plain")
    add("tokenizer", type=Path, help="of training.tokenizer")
    add("--work", type=Path, required=True, help="folder of the checkpoint, last.pt, and of the tokenized corpus")
    add("--budget", type=float, default=400.0, help="million target tokens of the whole training")
    add("--minutes", type=float, default=float("inf"), help="minutes of this call")
    add("--save-every", type=float, default=15.0, help="minutes between checkpoints")
    add("--only", choices=LANGUAGES, help="train one direction alone")
    add("--start-from", type=Path, help="checkpoint with the first weights")
    add(
        "--weights",
        type=_parse_weights,
        default=WEIGHTS,
        help="how often domains and languages are drawn: prose=3,ui=0",
    )
    add("--width", type=int, default=512, help="of the model")
    add("--inner", type=int, default=2048, help="width of the feed-forward parts")
    add("--heads", type=int, default=8, help="of attention")
    add("--encoder", type=int, default=6, help="layers")
    add("--decoder", type=int, default=3, help="layers")
    add("--dropout", type=float, default=0.1, help="share")
    add("--tokens", type=int, default=50_000, help="of a batch, a side, with padding")
    add("--rate", type=float, default=1.2e-3, help="highest learning rate")
    add("--warmup", type=int, default=1500, help="updates until then")
    add("--workers", type=int, default=8, help="processes that make batches")
    add("--threads", type=int, default=0, help="of a CPU; 0: all")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cuda or cpu")
    return parser.parse_args()


if __name__ == "__main__":
    train(_parse_arguments())
