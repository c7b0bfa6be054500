"""Pictures of the main screens, made from the demonstration: ``python -m tests.browser.screens FOLDER``.

Starts a demonstration of its own in a temporary folder, logs in as those who see each screen and
takes every picture light and dark, for a desk (1440 wide) and a phone (390 wide). To be looked at.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from escalation.demo.people import PASSWORD  # noqa: E402
from tests.browser.conftest import ARGS, chromium  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
# Who opens what: an address, or the first of such links on the page of an address.
SCREENS: dict[str, dict[str, str | tuple[str, str]]] = {
    "ana": {
        "queue": "/", "ticket": ("/", "#rows a[data-stop]"), "search": "/search/?q=lamp", "phone": "/calls/",
        "new-ticket": "/tickets/new/", "knowledge": "/kb/", "nothing": "/?tab=all&q=nothing+like+it",
        "notifications": "/notifications/", "told": "/notifications/settings/",
        "customers": "/customers/", "customer": ("/customers/", "main a[href*='/customers/']"),
        "scripts": "/scripts/", "views": "/queue/views/", "status": "/status/",
    },
    "sue": {
        "escalations": "/escalations/", "workload": "/workload/", "wall": "/wall/",
        "incidents": "/incidents/", "incident": ("/incidents/", "main ol a"),
        "declare": "/incidents/new/", "ledger": "/offers/", "absences": "/absences/",
    },
    "admin": {"admin": "/admin/escalation/policy/"},
}  # fmt: skip
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screens", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, default=300)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with _demo(options.tickets) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        for person in SCREENS:
            for size in SIZES:
                for scheme in ("light", "dark"):
                    _pictures(browser, site, person, size, scheme, options.folder)
        browser.close()


@contextmanager
def _demo(tickets: int) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        usual = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        command = [sys.executable, "manage.py", "demo", "--port", str(port)]
        command += ["--tickets", str(tickets)]
        process = subprocess.Popen(command, cwd=ROOT, env=usual | {"DATA_DIR": folder})
        try:
            _wait_for(f"{site}/readyz")
            yield site
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(address: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit(f"Nothing answers at {address}.")


def _pictures(
    browser: Browser, site: str, person: str, size: str, scheme: str, folder: Path
) -> None:
    width, height = SIZES[size]
    page = browser.new_page(
        base_url=site,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto("/accounts/login/")
    page.fill("[name=login]", person)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/" not in address)
    for name, address in SCREENS[person].items():
        _open(page, address)
        page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
    page.close()


def _open(page: Page, where: str | tuple[str, str]) -> None:
    address, link = (where, "") if isinstance(where, str) else where
    answer = page.goto(address)
    assert answer is not None, address
    assert answer.ok, (address, answer.status, answer.text()[:2000])
    if link:
        page.locator(link).first.click()
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
