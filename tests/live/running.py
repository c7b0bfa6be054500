"""Asynchronous stories, told within a test."""

import asyncio
from collections.abc import Coroutine
from typing import Any


def run(story: Coroutine[Any, Any, None]) -> None:
    """Runs it to its end, also in a thread in which a browser test has run before.

    Playwright's synchronous API leaves its own loop marked as running there.
    """
    other = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        asyncio.run(story)
    finally:
        asyncio._set_running_loop(other)
