"""A mode of Apertium as a pipeline of programs that runs on: a start costs as much as a hundred sentences.

Apertium's own server keeps its pipelines too (apertium-apy); every program flushes its output at a NUL.
"""

import os
import select
import signal
import subprocess
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Thread
from typing import IO

_CHUNK = 1 << 16  # bytes; what a pipe holds
_QUIET = 5  # seconds without an answer after which no more is written, so that programs behind a dead one end


class Pipeline:
    """A shell command that answers one question after another; the first one has it written, and starts it.

    What goes wrong, an interrupt as well, ends all its programs, and the next question starts them again. `message` is
    then the last line of their complaints.
    """

    def __init__(self, write_command: Callable[[], str], environment: Mapping[str, str]) -> None:
        self.message = ""
        self._write_command = write_command
        self._environment = environment
        self._programs: _Programs | None = None
        self._is_closed = False

    def ask(self, question: bytes, end: bytes, seconds: float) -> bytes:
        """Return the answer to a question as far as `end`, or what came of it before the programs stopped.

        When programs that were running stop, that may not be this question's fault: new ones are asked again.
        Raises OSError when the command cannot be written or run, and TimeoutError when the answer has no end in time.
        """
        self.message = ""
        was_running = self._programs is not None
        answer = self._ask(question, end, seconds)
        return self._ask(question, end, seconds) if was_running and not answer.endswith(end) else answer

    def close(self) -> None:
        """End the programs for good, also while another thread waits for an answer."""
        self._is_closed = True
        if programs := self._programs:
            programs.kill()

    def _ask(self, question: bytes, end: bytes, seconds: float) -> bytes:
        programs = self._programs = self._programs or _Programs(self._write_command(), self._environment)
        answer = bytearray()
        try:
            if self._is_closed:
                raise InterruptedError(0, "interrupted")
            programs.converse(question, answer, end, time.monotonic() + seconds)
        finally:
            if not answer.endswith(end) or programs.is_spent:
                self._programs = None
                self.message = programs.stop()
        return bytes(answer)


class _Programs:
    """A shell and the programs of its pipeline, which end with this object at the latest."""

    def __init__(self, command: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "-c", command, "mode", "-g"],  # as `apertium` does; -g: mark the words that cannot be inflected
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.is_spent = False
        self._complaints: deque[bytes] = deque(maxlen=1)
        self._threads = [Thread(target=self._complaints.extend, args=[self._process.stderr], daemon=True)]
        self._threads[0].start()
        self._close = weakref.finalize(self, _close, self._process)

    def converse(self, question: bytes, answer: bytearray, end: bytes, deadline: float) -> None:
        """Read the answer to its end, or to that of the programs, while a thread writes the question."""
        if not (self._process.stdin and self._process.stdout):
            return
        writer = Thread(target=_write, args=[self._process.stdin, question], daemon=True)
        self._threads[1:] = [writer]
        writer.start()
        output, waiting = self._process.stdout.fileno(), select.poll()
        waiting.register(output, select.POLLIN)
        while not answer.endswith(end):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if not waiting.poll(min(left, _QUIET) * 1000):
                if not writer.is_alive():
                    self.is_spent = True
                    with suppress(OSError):
                        self._process.stdin.close()
                continue
            chunk = os.read(output, _CHUNK)
            if not chunk:
                return
            answer += chunk

    def kill(self) -> None:
        """End all programs."""
        _kill(self._process)

    def stop(self) -> str:
        """End all programs, and return the last line of their complaints."""
        self.kill()
        for thread in self._threads:
            thread.join()
        self._close()
        return b"".join(self._complaints).decode(errors="replace").strip()


def _write(pipe: IO[bytes], question: bytes) -> None:
    with suppress(OSError):  # the programs have ended
        pipe.write(question)
        pipe.flush()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the shell and its pipeline; a shell that is killed alone leaves a dozen programs running."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _close(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    with suppress(OSError), process:  # what could not be written is written again when a pipe is closed
        pass
