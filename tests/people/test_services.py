"""Finding and making customers and the team that receives."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from tests.factories import ticket
from tickets.errors import Invalid
from tickets.outbox.models import OutgoingMail
from tickets.people import services
from tickets.people.models import Contact, Team, User
from tickets.people.services import checked_email, contact_for, default_team
from tickets.services import conversation, leaving, mailing


@pytest.mark.django_db
def test_an_unknown_address_becomes_a_contact(now: datetime) -> None:
    made = contact_for(email=" New.Person@Home.Example ", name=" New \x00 Person\r\n", now=now)
    assert (made.email, made.name, made.first_seen_at) == (
        "new.person@home.example",
        "New Person",
        now,
    )


def test_a_known_address_is_found_whatever_its_case(cast: SimpleNamespace, now: datetime) -> None:
    found = contact_for(email="CARLA@acme.example", name="Impostor", now=now)
    assert (found, found.name) == (cast.carla, "Carla Customer")
    assert found.organization == cast.acme


@pytest.mark.django_db
def test_a_missing_name_is_learned(now: datetime) -> None:
    contact_for(email="a@home.example", now=now)
    assert contact_for(email="a@home.example", name="Ann", now=now).name == "Ann"
    assert Contact.objects.get().name == "Ann"


@pytest.mark.django_db
def test_a_name_of_any_length_fits(now: datetime) -> None:
    assert len(contact_for(email="a@home.example", name="x" * 100_000, now=now).name) == 160


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@", "@b.example", "a b@c.example", "a@b.example\nBcc: c@d.example", "a@b\x00.example",
     "x" * 300 + "@b.example", "a@" + "b" * 300 + ".example", "<a@b.example>"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_makes_nobody(now: datetime, address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        contact_for(email=address, now=now)
    assert refusal.value.field == "email"
    assert len(refusal.value.message) < 200
    assert not Contact.objects.exists()


def test_an_address_is_trimmed_and_lower_case() -> None:
    assert checked_email(" A@B.Example ") == "a@b.example"


@pytest.mark.django_db
def test_there_is_always_a_team_that_receives() -> None:
    made = default_team()
    assert made.is_default
    assert default_team() == made
    Team.objects.update(is_default=False)
    assert default_team() == made


def test_the_marked_team_receives(cast: SimpleNamespace) -> None:
    assert default_team() == cast.support


UNUSABLE = [
    '"ab"@example.com',
    "a@exa\u2028mple.com",
    "a\u200bb@example.com",
    "a@exa\u200bmple.com",
]
OURS = ["support@helpdesk.localhost", "Support+HD-AAAAAA.x@Helpdesk.localhost"]


@pytest.mark.parametrize("address", [*UNUSABLE, *OURS], ids=ascii)
def test_an_address_is_refused_alike_wherever_it_enters(
    cast: SimpleNamespace, now: datetime, address: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        services.contact_for(email=address, now=now)
    assert refusal.value.field == "email"
    with pytest.raises(Invalid) as refusal:
        mailing.copies([address])
    assert refusal.value.field == "cc"
    for person in (cast.ana, cast.carla):
        person.email = address.lower()
        with pytest.raises(ValidationError) as wrong:
            person.full_clean()
        assert "email" in wrong.value.message_dict


@pytest.mark.parametrize("address", UNUSABLE, ids=ascii)
def test_an_address_kept_from_before_stops_nothing(
    cast: SimpleNamespace, now: datetime, address: str
) -> None:
    type(cast.carla).objects.filter(pk=cast.carla.pk).update(email=address)
    User.objects.filter(pk=cast.ben.pk).update(email=address)
    cast.carla.refresh_from_db()
    cast.ben.refresh_from_db()
    one = ticket(cast, now)
    assert not one.messages.filter(kind="automatic").exists()
    conversation.note(ticket=one, author=cast.ana, body="@ben", now=now, mentions=[cast.ben])
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    leaving.put_back(person=cast.ana, actor=cast.ada, now=now)
    assert not OutgoingMail.objects.filter(deliveries__email=address).exists()
