"""What a long run asks of the machine: threads, and memory that it gives back."""

import ctypes
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress


@contextmanager
def open_threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Open threads for one task after another; what has not begun when something goes wrong is left undone."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def free_memory() -> None:
    """Free what parsers and templates leave in cycles, a thousand objects an article, and give free pages back.

    Python lets the one pile up, and glibc the other.
    """
    gc.collect()
    with suppress(AttributeError, OSError):  # other C libraries have no such call
        ctypes.CDLL(None).malloc_trim(0)
