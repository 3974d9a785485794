"""Drafting on many machines: a Dask cluster's workers run the engines, this machine does everything else.

Requests go out in chunks, and the answers are taken in their order; a chunk whose worker goes away is
given to another. Dask sends Python objects by pickle, so whoever reaches a cluster can run code on it.
"""

import logging
import math
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from pipeline.cache import digest_program
from pipeline.engines import Engine, Request, Translation, open_engine
from pipeline.errors import ClusterError, EngineError, PipelineError
from pipeline.settings import SOURCE

if TYPE_CHECKING:
    from distributed import Client, Future

_CHUNKS = 4  # for each worker at a time: the fewer, the longer all others wait for the slowest at the end
_SMALLEST, _LARGEST = 50, 1000  # segments of a chunk: enough to fill the batches of an engine, seconds of work
_CONNECT = 5  # seconds for a scheduler to answer
_GREETING = 1_000_000  # bytes of a scheduler's first message, which says its length first; it has some hundred
_RETRIES = 2  # for a chunk whose engine failed
_GLANCE = 5.0  # seconds between two looks at which workers there are
_PATIENCE = 300.0  # seconds without any worker, as while Kubernetes moves them


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker must have to draft as this machine would: the engine by its signature, and the same program."""

    engine: str
    source: str
    target: str
    signature: str
    program: str

    @property
    def pair(self) -> tuple[str, str, str]:
        """The engine, the source language and the target language."""
        return self.engine, self.source, self.target


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a worker did not draft a chunk."""

    worker: str
    fault: str


class _LostError(ClusterError):
    """The scheduler went away: nothing more can be drafted."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address}: the scheduler went away", "start it again, then run again to go on")


@dataclass(frozen=True, slots=True)
class _Sent:
    """A chunk on its way, and the workers that it is meant for; none for any."""

    future: "Future[list[Translation] | Refusal]"
    only: Sequence[str]


@contextmanager
def open_cluster(address: str) -> Iterator["Cluster"]:
    """Connect to the Dask scheduler at `address` ("tcp://host:8786").

    Raises ClusterError where Dask is not installed, nothing answers there within seconds, or there is no worker.
    """
    try:
        from distributed import Client  # noqa: PLC0415 (heavy, and an extra)
    except ImportError:
        raise ClusterError("--cluster needs Dask", "pip install passerelle[cluster]") from None
    _silence()
    try:
        _check_address(address)
        client = Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        hint = "check the address, and that dask scheduler runs there"
        raise ClusterError(f"{address}: no Dask scheduler answers ({error})", hint) from None
    cluster = Cluster(client, address)
    try:
        yield cluster
    finally:
        cluster.close()


def _check_address(address: str) -> None:
    """Raise OSError or ValueError for what Dask's client would wait for without end, or fail at without a word.

    Both is so where nobody says anything, or something else than a scheduler, which speaks first, and where there are
    no certificates (distributed 2026.8).
    """
    from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415
    from distributed.security import Security  # noqa: PLC0415

    host, port = get_address_host_port(address, strict=True)
    if address.startswith("tls:") and not Security().get_connection_args("client")["ssl_context"]:
        raise ValueError("Dask's configuration has no certificates for TLS")
    with socket.create_connection((host, port), timeout=_CONNECT) as connection, connection.makefile("rb") as stream:
        if address.startswith("tcp:"):
            length = stream.read(8)
            if len(length) < 8 or int.from_bytes(length, "little") > _GREETING:  # noqa: PLR2004
                raise ValueError("something else does")


def _silence() -> None:
    """Keep the loggers of Dask and Tornado, each with its own level, from standard error: errors say what counts."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"distributed", "tornado"}:
            logging.getLogger(name).setLevel(logging.CRITICAL)


class Cluster:
    """The workers behind a scheduler.

    `warnings` has a line for each worker that was refused after the run had begun.
    """

    def __init__(self, client: "Client", address: str) -> None:
        self.address = address
        self.warnings: list[str] = []
        self._client = client
        self._refused: set[str] = set()
        self._is_lost = False

    def close(self) -> None:
        """Drop what is still being drafted, and leave the cluster as it was."""
        self._client.close()

    def hire(self, engine: Engine, target: str) -> "ClusterEngine":
        """Return `engine` of this machine as it is on the workers, once each of them has shown that it has the same.

        Raises ClusterError where there is no worker, or one has another.
        """
        recipe = Recipe(engine.name, SOURCE, target, engine.signature, digest_program())
        faults: dict[str, object] = self._client.run(find_fault, recipe, on_error="return")
        if not faults:
            raise ClusterError(f"{self.address}: the cluster has no worker", "start dask worker on some machines")
        for worker, fault in sorted(faults.items()):
            if fault:
                raise _mismatch(worker, fault if isinstance(fault, str) else f"{type(fault).__name__}: {fault}")
        return ClusterEngine(self, recipe, engine)

    def widen(self, window: int) -> int:
        """Return how many articles to draft at a time where a machine alone would take `window`; 0 once all is lost."""
        if self._is_lost:
            return 0
        with suppress(_LostError):  # who drafts next will hear of it
            return window * max(1, len(self._find_workers()))
        return window

    def translate(self, recipe: Recipe, requests: Sequence[Request]) -> list[Translation]:
        """Translate requests on any workers that are fit, in order; raises EngineError where none can."""
        try:
            share = math.ceil(len(requests) / (_CHUNKS * max(1, len(self._find_workers()))))
            size = min(max(share, _SMALLEST), _LARGEST)
            chunks = [requests[at : at + size] for at in range(0, len(requests), size)]
            return [translation for answer in self._translate(recipe, chunks) for translation in answer]
        except _LostError:
            self._is_lost = True
            raise

    def _translate(self, recipe: Recipe, chunks: Sequence[Sequence[Request]]) -> Iterator[list[Translation]]:
        begun: deque[tuple[Sequence[Request], _Sent]] = deque()
        for chunk in chunks:
            begun.append((chunk, self._send(recipe, chunk)))
            if len(begun) >= _CHUNKS * len(self._find_workers()):
                yield self._receive(recipe, *begun.popleft())
        for chunk, sent in begun:
            yield self._receive(recipe, chunk, sent)

    def _receive(self, recipe: Recipe, chunk: Sequence[Request], sent: "_Sent") -> list[Translation]:
        """Wait for a chunk, and send it again where the worker that got it is not fit."""
        while True:
            outcome = self._wait(sent)
            if isinstance(outcome, list):
                return outcome
            if outcome and outcome.worker not in self._refused:
                self._refused.add(outcome.worker)
                self.warnings.append(f"{_mismatch(outcome.worker, outcome.fault)}; others did its work")
            sent = self._send(recipe, chunk)

    def _send(self, recipe: Recipe, chunk: Sequence[Request]) -> "_Sent":
        # A list of workers shuts out those that come later, so there is none as long as all are fit.
        only = [worker for worker in self._find_workers() if worker not in self._refused] if self._refused else None
        return _Sent(
            self._client.submit(draft_chunk, recipe, chunk, workers=only, retries=_RETRIES, pure=False), only or ()
        )

    def _wait(self, sent: "_Sent") -> list[Translation] | Refusal | None:
        """Return what became of a chunk; None says that all workers that it was meant for are gone."""
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        idle = 0.0
        while True:
            try:
                outcome: list[Translation] | Refusal = sent.future.result(timeout=_GLANCE)
            except KilledWorker as error:
                fact = f"{self.address}: {error.allowed_failures + 1} workers ended over one chunk of segments"
                raise EngineError(fact, "look at their logs, and whether they have enough memory") from None
            except CancelledError:
                raise _LostError(self.address) from None
            except TimeoutError:
                if sent.future.status == "error":
                    raise
            else:
                return outcome
            there = self._find_workers()
            if sent.only and not set(sent.only) & set(there):
                sent.future.cancel()
                return None
            idle = 0.0 if set(there) - self._refused else idle + _GLANCE
            if idle >= _PATIENCE:
                raise ClusterError(f"{self.address}: the cluster has no fit worker any more", "start some, run again")

    def _find_workers(self) -> list[str]:
        try:
            workers: dict[str, Any] = self._client.nthreads()
        except (OSError, RuntimeError, CancelledError, AttributeError):  # the last while it connects again (2026.8)
            raise _LostError(self.address) from None
        return sorted(workers)


class ClusterEngine:
    """An engine on the workers of a cluster (see `pipeline.engines.Engine`)."""

    def __init__(self, cluster: Cluster, recipe: Recipe, engine: Engine) -> None:
        self._cluster, self._recipe = cluster, recipe
        self.name, self.signature, self.pivots = engine.name, engine.signature, engine.pivots

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """Translate all requests on the workers, one translation a request, in order."""
        return self._cluster.translate(self._recipe, requests)


def _mismatch(worker: str, fault: str) -> ClusterError:
    hint = "install the same packages and the same Passerelle on it, and restart it"
    return ClusterError(f"worker {worker} {' '.join(fault.split())}", hint)


# From here on everything runs on the workers.

_ENGINES: dict[tuple[str, str, str], tuple[Recipe, Engine]] = {}
_LOCK = Lock()


def find_fault(recipe: Recipe) -> str:
    """Say why this process cannot draft by a recipe, "" if it can; its packages are read, its model is not loaded."""
    if digest_program() != recipe.program:
        return "has another version of Passerelle, of Python or of a library"
    try:
        engine = open_engine(*recipe.pair)
    except PipelineError as error:
        return f"cannot draft: {error.message}"
    if engine.signature != recipe.signature:
        return f"has “{engine.signature}”, this machine has “{recipe.signature}”"
    with _LOCK:
        known = _ENGINES.get(recipe.pair)
        if not known or known[0] != recipe:
            _ENGINES[recipe.pair] = recipe, engine
    return ""


def draft_chunk(recipe: Recipe, requests: Sequence[Request]) -> list[Translation] | Refusal:
    """Translate requests with the engine of this process, which loads its model once; one chunk at a time."""
    from distributed import get_worker  # noqa: PLC0415

    address = get_worker().address
    known = _ENGINES.get(recipe.pair)
    if (not known or known[0] != recipe) and (fault := find_fault(recipe)):
        return Refusal(address, fault)
    with _LOCK:
        try:
            return _ENGINES[recipe.pair][1].translate(requests)
        except EngineError as error:
            raise EngineError(f"worker {address}: {error.message}", error.hint) from None
