"""Measures one database in this process: ``python -m tests.bench.one SIZE RESULT.json [ONLY]``."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from tests.bench import (  # noqa: E402
    hours,
    lateness,
    live,
    load,
    opening,
    pages,
    searching,
    sweeping,
)

PARTS = {
    "hours": hours.measure,
    "pages": pages.measure,
    "search": searching.measure,
    "opening": opening.measure,
    "sweep": sweeping.measure,
    "lateness": lateness.measure,
    "live": live.measure,
}


def main() -> None:
    size, result, only = int(sys.argv[1]), Path(sys.argv[2]), "".join(sys.argv[3:4])
    started = time.monotonic()
    load.load(size, timezone.now())
    print(f"{size:,} tickets loaded in {time.monotonic() - started:.0f} s", flush=True)
    figures: dict[str, Any] = {}
    for name, measure in PARTS.items():
        if not only or name in only.split(","):
            figures |= measure()
            print(f"  {name} measured after {time.monotonic() - started:.0f} s", flush=True)
    result.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
