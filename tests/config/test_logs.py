"""What is written down of a request that was refused."""

from types import SimpleNamespace

import pytest
from django.test import Client

from tests.desk.conftest import Opener, opened

__all__ = ["opened"]  # the desk's fixture, shared


def test_what_nobody_may_do_is_one_line_in_the_log_as_what_is_not_there(
    cast: SimpleNamespace, opened: Opener, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(cast.max)
    ticket = opened()
    ticket.followers.add(cast.max)
    paths = [f"/tickets/{ticket.reference}/reply/", "/tickets/HD-000000/reply/"]
    codes = [client.post(path, {"body": "Hello"}).status_code for path in paths]
    records = [each for each in caplog.records if each.name == "django.request"]
    assert codes == [403, 404]
    assert [each.getMessage() for each in records] == [
        f"Forbidden (Permission denied): {paths[0]}",
        f"Not Found: {paths[1]}",
    ]
    assert [each.exc_info for each in records] == [None, None]


def test_a_form_whose_key_is_none_is_one_line_in_the_log_with_the_address_and_the_reason(
    cast: SimpleNamespace, opened: Opener, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(cast.ana)
    ticket, client.raise_request_exception = opened(), False
    said = {"t": ticket.reference, "status": "closed", "key": "no key"}
    assert client.post("/queue/bulk/do/", said).status_code == 400
    (record,) = (each for each in caplog.records if each.name == "django.request")
    assert record.getMessage() == (
        "The key of the form is missing or none of ours: /queue/bulk/do/"
    )
    assert (record.levelname, record.exc_info) == ("WARNING", None)


def test_a_body_that_cannot_be_read_is_one_line_in_the_log(
    cast: SimpleNamespace, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(cast.ana)
    address, kind = "/queue/bulk/", "multipart/form-data"  # without a boundary
    assert client.post(address, b"x", content_type=kind).status_code == 400
    (record,) = (each for each in caplog.records if each.name == "django.request")
    assert address in record.getMessage()
    assert (record.levelname, record.exc_info) == ("WARNING", None)
