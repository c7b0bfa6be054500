"""A ticket opened for somebody who calls: who they are, and no number that they gave is lost."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tickets.models import Ticket
from tickets.people.models import Contact, User

Desk = Callable[[User], Client]
NUMBER = "+49 30 1234"


@pytest.fixture
def opens(cast: SimpleNamespace, desk: Desk) -> Callable[..., Any]:
    def opened(**said: str) -> Any:
        base = {"channel": "phone", "subject": "Lamp", "body": "Dark.", "priority": "normal",
                "category": cast.question.pk}  # fmt: skip
        return desk(cast.ana).post("/tickets/new/", base | said, follow=True)

    return opened


def notes(ticket: Ticket) -> list[str]:
    return list(ticket.messages.filter(kind="note").values_list("body", flat=True))


def test_a_new_customer_has_the_address_and_the_number_they_gave(opens: Any) -> None:
    opens(email="nina@home.example", phone=NUMBER, name="Nina")
    contact = Contact.objects.get(email="nina@home.example")
    assert (contact.name, contact.phone) == ("Nina", "+49301234")
    assert not notes(Ticket.objects.get())


def test_a_known_customer_without_a_number_gets_the_one_they_gave(
    cast: SimpleNamespace, opens: Any
) -> None:
    opens(email=cast.carla.email, phone=NUMBER)
    cast.carla.refresh_from_db()
    assert cast.carla.phone == "+49301234"
    assert not notes(Ticket.objects.get())


def test_the_same_number_otherwise_spaced_is_no_other_number(
    cast: SimpleNamespace, opens: Any
) -> None:
    Contact.objects.filter(pk=cast.carla.pk).update(phone="+49 (30) 12-34")
    opens(email=cast.carla.email, phone=NUMBER)
    cast.carla.refresh_from_db()
    assert cast.carla.phone == "+49 (30) 12-34"
    assert not notes(Ticket.objects.get())


def test_another_number_and_another_name_are_noted_and_said_and_overwrite_nothing(
    cast: SimpleNamespace, opens: Any
) -> None:
    Contact.objects.filter(pk=cast.carla.pk).update(phone="+1 555 0100")
    page = opens(email=cast.carla.email, phone=NUMBER, name="Karla C.").content.decode()
    cast.carla.refresh_from_db()
    assert (cast.carla.phone, cast.carla.name) == ("+1 555 0100", "Carla Customer")
    [note] = notes(Ticket.objects.get())
    assert "They gave the phone number +49 30 1234; known is +1 555 0100." in note
    assert "They gave the name «Karla C.»; known is «Carla Customer»." in note
    assert "differs from what is known of this customer: see the note" in page


def test_a_number_that_is_none_is_said_at_its_field_even_beside_an_address(
    cast: SimpleNamespace, opens: Any
) -> None:
    answer = opens(email=cast.carla.email, phone="ask her")
    assert answer.status_code == 422
    assert "phone" in answer.context["form"].errors
    assert not Ticket.objects.exists()


def test_a_program_may_tell_the_number_too(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ana)
    said = {"subject": "Lamp", "body": "Dark.", "requester_email": cast.carla.email}
    first = client.post(
        "/api/v1/tickets/", said | {"requester_phone": NUMBER}, content_type="application/json"
    )
    assert first.status_code == 201
    assert first.json()["requester"]["phone"] == "+49301234"
    other = client.post(
        "/api/v1/tickets/",
        said | {"requester_phone": "+1 555 0199"},
        content_type="application/json",
    )
    assert other.json()["requester"]["phone"] == "+49301234"
    [note] = notes(Ticket.objects.get(reference=other.json()["reference"]))
    assert "+1 555 0199" in note
    bad = client.post(
        "/api/v1/tickets/", said | {"requester_phone": "none"}, content_type="application/json"
    )
    assert bad.status_code == 400
    assert "requester_phone" in bad.json()
