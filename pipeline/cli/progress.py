"""Progress on standard error: a bar for a person who watches, lines on request, nothing for anybody else."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread, Timer
from typing import TYPE_CHECKING, Self

import click

from pipeline.cli.edge import EXIT_INTERRUPTED, INTERRUPTED

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipeline.translation import Step

_PATIENCE = 1  # seconds that need no bar
_LAST = 1.5  # seconds to stop by ourselves


class ProgressBar:
    """A bar with rate and time left, once a run lasts over a second and where standard error is a terminal."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._bar: Progress | None = None
        self._latest: Step | None = None
        self._message = ""
        self._lock = Lock()
        self._timer = Timer(_PATIENCE, self._start)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._bar:
                self._bar.stop()
            self._latest = None

    @property
    def is_live(self) -> bool:
        """Tell whether the bar shows, or may any moment."""
        return sys.stderr.isatty()

    def show(self, step: "Step") -> None:
        """Show how far a run is."""
        if step.message and self._verbose and not sys.stderr.isatty():
            click.echo(step.message, err=True)
        with self._lock:
            self._latest = step
            self._message = step.message or self._message
            self._update(step)

    def _start(self) -> None:
        from rich.console import Console  # noqa: PLC0415 (heavy, and short runs need no bar)
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415
        from rich.table import Column  # noqa: PLC0415

        columns = (
            TextColumn("{task.completed:.0f}/{task.total} articles", table_column=Column(no_wrap=True)),
            BarColumn(),
            TextColumn("{task.fields[rate]}", table_column=Column(no_wrap=True)),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
        )
        with self._lock:
            if self._latest is None:
                return
            self._bar = Progress(
                *columns,
                console=Console(stderr=True),
                expand=True,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._bar.add_task("", total=self._latest.total, rate="")
            self._bar.start()
            self._update(self._latest)

    def _update(self, step: "Step") -> None:
        if self._bar:
            (task,) = self._bar.tasks
            rate = f"{task.speed * 60:.0f} a minute" if task.speed else ""
            self._bar.update(task.id, completed=step.done, description=self._message, rate=rate)


@contextmanager
def ending_soon() -> Iterator[None]:
    """Have an interrupt end the program within two seconds, also while a library computes and Python cannot answer.

    Nothing is half-written then: files are renamed into place, and the draft cache is a database.
    """
    heard, told = socket.socketpair()
    told.settimeout(0)
    try:
        previous = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    except ValueError:  # not in the main thread, which no interrupt reaches
        yield
        return
    Thread(target=_await_interrupt, args=(heard,), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous)
        told.close()


def _await_interrupt(heard: socket.socket) -> None:
    while number := heard.recv(1):
        if number[0] == signal.SIGINT:
            timer = Timer(_LAST, _end)
            timer.daemon = True
            timer.start()
    heard.close()


def _end() -> None:
    os.write(sys.stderr.fileno(), f"{INTERRUPTED}\n".encode())
    os._exit(EXIT_INTERRUPTED)
