"""Two ways to do the same on a page: by mouse, and by the keyboard alone."""

from typing import Protocol

from playwright.sync_api import Keyboard as PressedKeys
from playwright.sync_api import Locator, Page, expect


class Hands(Protocol):
    """``press`` a button, link or summary; ``tick`` a box; ``write`` into a field; ``choose``."""

    def press(self, what: Locator) -> None: ...

    def tick(self, what: Locator) -> None: ...

    def write(self, where: Locator, words: str) -> None: ...

    def choose(self, where: Locator, label: str) -> None: ...


class Mouse:
    def press(self, what: Locator) -> None:
        what.click()

    def tick(self, what: Locator) -> None:
        what.check()

    def write(self, where: Locator, words: str) -> None:
        where.click()
        where.fill(words)

    def choose(self, where: Locator, label: str) -> None:
        where.select_option(label=label)


class Keyboard:
    """Reaches everything by Tab, as somebody does who cannot point; nothing is focused for it."""

    MOST = 250

    def press(self, what: Locator) -> None:
        self._reach(what).press("Enter")

    def tick(self, what: Locator) -> None:
        self._reach(what).press("Space")
        expect(what).to_be_checked()

    def write(self, where: Locator, words: str) -> None:
        keyboard = self._reach(where)
        keyboard.press("ControlOrMeta+A")
        keyboard.type(words)

    def choose(self, where: Locator, label: str) -> None:
        keyboard = self._reach(where)
        keyboard.press("Home")
        options = where.locator("option").all_inner_texts()
        for _ in range(options.index(label)):
            keyboard.press("ArrowDown")
        assert where.locator("option:checked").inner_text() == label

    def _reach(self, what: Locator) -> PressedKeys:
        what.wait_for()
        page = what.page
        for _ in range(self.MOST):
            if what.evaluate("each => each === document.activeElement"):
                return page.keyboard
            page.keyboard.press("Tab")
        raise AssertionError(f"No Tab leads to {what}")


HANDS: dict[str, Hands] = {"mouse": Mouse(), "keyboard": Keyboard()}


def at_rest(page: Page) -> None:
    """What the page fetches by itself is there."""
    page.wait_for_load_state("networkidle")
