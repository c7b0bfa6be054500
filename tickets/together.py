"""What follows from many changes of one transaction is done once, at its end.

``later(do, item)`` calls ``do([item])`` at once; inside ``together()`` it waits, and ``do`` gets all
items of the block when the outermost one ends, still in its transaction. A block that fails forgets
its items, so give each savepoint a block of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Doing = Callable[[list[Any]], None]
_waiting: ContextVar[list[tuple[Doing, Any]] | None] = ContextVar("waiting", default=None)


def later(do: Doing, item: Any) -> None:
    """``do`` hears of ``item``: at once, or with the others of the block."""
    waiting = _waiting.get()
    if waiting is None:
        do([item])
    else:
        waiting.append((do, item))


def is_gathering() -> bool:
    """Whether ``later`` would wait: what happened may be undone by a savepoint until then."""
    return _waiting.get() is not None


@contextmanager
def together() -> Iterator[None]:
    """Call it inside the transaction: what raises before its end has said nothing."""
    outer, inner = _waiting.get(), list[tuple[Doing, Any]]()
    token = _waiting.set(inner)
    try:
        yield
    finally:
        _waiting.reset(token)
    if outer is not None:
        outer.extend(inner)
        return
    items: dict[Doing, list[Any]] = {}
    for do, item in inner:
        items.setdefault(do, []).append(item)
    for do, some in items.items():
        do(some)
