"""One at a time on a machine, such as one pass of the outbox.

A mail server that hangs holds whoever speaks to it for a while. Were every worker to speak to it,
none would be left for the deadlines; so one does, and the others have time.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

if sys.platform != "win32":
    import fcntl

logger = structlog.get_logger(__name__)
_in_this_process: dict[Path, threading.Lock] = {}


@contextmanager
def turn(path: Path) -> Iterator[bool]:
    """True to whoever comes first, False to the others until it has ended, in whatever way."""
    within = _in_this_process.setdefault(path, threading.Lock())
    if not within.acquire(blocking=False):
        yield False
        return
    try:
        handle = _open(path)
        try:
            yield handle is None or _locked(handle)
        finally:
            if handle is not None:
                os.close(handle)
    finally:
        within.release()


def _open(path: Path) -> int | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        # What is to be done matters more than how many do it.
        logger.warning("turn_unavailable", path=str(path))
        return None


def _locked(handle: int) -> bool:
    """The kernel forgets the lock with the process, even one that was killed.

    Where there is no such lock (Windows), the one of the process has to do.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
