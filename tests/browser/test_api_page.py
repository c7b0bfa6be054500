"""The API's page: drawn from here alone, under the strict policy, with a request sent from it."""

from types import SimpleNamespace

import pytest

from tests.browser.conftest import LogIn
from tests.desk.conftest import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_api_page_is_drawn_from_here_alone_and_a_request_sent_from_it_is_answered(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs/")
    operation = page.locator("#operations-tickets-tickets_list")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    operation.get_by_text(ticket.reference).first.wait_for()
    here = page.url.partition("/api/")[0]
    assert [url for url in asked if not url.startswith((here, "data:", "blob:"))] == []
