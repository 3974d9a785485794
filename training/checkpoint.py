"""Checkpoints: all that training goes on from, and the averaged weights that packages are made of."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from training.model import Shape, Transformer

AVERAGED_EVERY = 10  # updates
_MEMORY = 0.995  # of the average: half of it is from the last 1,400 updates


class Progress:
    """A model in training, the running average of its weights, its updates and the target tokens that it has seen."""

    def __init__(self, model: Transformer, optimizer: Optimizer) -> None:
        self.model = model
        self.optimizer = optimizer
        self.average = {name: value.detach().clone().float() for name, value in model.state_dict().items()}
        self.step = 0
        self.seen = 0

    @torch.no_grad()
    def update_average(self) -> None:
        """Move the average towards the weights of now, faster in the beginning."""
        memory = min(_MEMORY, (self.step + 1) / (self.step + 100))
        for name, value in self.model.state_dict().items():
            self.average[name].lerp_(value.float(), 1 - memory)

    def save(self, file: Path) -> None:
        """Write a checkpoint; one that is there stays whole until the new one is."""
        new = file.with_suffix(".new")
        torch.save(
            {
                "shape": asdict(self.model.shape),
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average,
                "step": self.step,
                "seen": self.seen,
            },
            new,
        )
        new.replace(file)

    def resume(self, file: Path, device: str) -> None:
        """Go on from a checkpoint; exits where it is of another shape."""
        saved = _load(file, device)
        self._check(file, saved)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.average, self.step, self.seen = saved["average"], saved["step"], saved["seen"]

    def start_from(self, file: Path, device: str) -> None:
        """Take the averaged weights of another training, and nothing else of it."""
        saved = _load(file, device)
        self._check(file, saved)
        self.model.load_state_dict(saved["average"])
        self.average = {name: value.clone() for name, value in saved["average"].items()}

    def _check(self, file: Path, saved: dict[str, Any]) -> None:
        if Shape(**saved["shape"]) != self.model.shape:
            raise SystemExit(f"{file}: is of another shape, {saved['shape']}; give its options, or another --work")


def _load(file: Path, device: str) -> dict[str, Any]:
    checkpoint: dict[str, Any] = torch.load(file, map_location=device, weights_only=True)
    return checkpoint


def load_average(files: Sequence[Path]) -> Transformer:
    """Return a model with the mean of the averaged weights of some checkpoints; exits where their shapes differ."""
    checkpoints = [_load(file, "cpu") for file in files]
    shapes = {Shape(**checkpoint["shape"]) for checkpoint in checkpoints}
    if len(shapes) > 1:
        raise SystemExit(f"{', '.join(map(str, files))}: are of different shapes")
    averages: list[dict[str, Tensor]] = [checkpoint["average"] for checkpoint in checkpoints]
    model = Transformer(shapes.pop())
    model.load_state_dict({name: torch.stack([each[name] for each in averages]).mean(0) for name in averages[0]})
    return model.eval()
