"""Another process that has the turn. No Django here: a spawned process begins with nothing."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tickets.outbox.turns import turn


def hold(path: Path, pipe: "Connection[Any, Any]") -> None:
    with turn(path) as is_ours:
        pipe.send(is_ours)
        pipe.recv()
