"""The API's own page: served from here, under the strict policy."""

from types import SimpleNamespace

from playwright.sync_api import expect

from tests.browser.conftest import LogIn


def test_the_api_explains_itself_without_a_foreign_request(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs/")
    expect(page.get_by_text("Hand the ticket to a supervisor")).to_be_visible()
    ours = page.url.split("/api/")[0]
    assert [url for url in asked if not url.startswith((ours, "data:"))] == []
