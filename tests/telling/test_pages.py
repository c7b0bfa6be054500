"""The bell, what stands behind it, and the page on which one chooses what one is told."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import customer_writes, ticket
from tickets.live import topics
from tickets.live.carrying import within_the_process
from tickets.live.publishing import publisher
from tickets.live.topics import Message
from tickets.models import Ticket
from tickets.people.models import Membership, User
from tickets.services import conversation, triage
from tickets.telling import services
from tickets.telling.models import Notification, NotificationKind, Preference

MINUTE = timedelta(minutes=1)
Desk = Callable[[User], Client]


@pytest.fixture
def desk() -> Desk:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def bell(client: Client, **said: str) -> str:
    return client.get("/notifications/count/", said).content.decode()


def test_the_bell_says_how_much_is_unread_and_nothing_where_it_has_said_so(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    client = desk(cast.ana)
    assert "unread" not in bell(client)
    customer_writes(hers, now)
    assert '<span class="badge strong">1<span class="unseen"> unread</span>' in bell(client)
    assert client.get("/notifications/count/", {"said": "1"}).status_code == 204


def test_only_what_is_more_than_before_is_read_aloud(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    client = desk(cast.ana)
    customer_writes(hers, now)
    assert "bell-said" not in bell(client)
    assert "1 unread notification</p>" in bell(client, said="0")
    assert "bell-said" not in bell(client, said="2")


@pytest.mark.parametrize("unread", [3, 30])
def test_the_number_costs_one_query(
    cast: SimpleNamespace, now: datetime, hers: Ticket, unread: int
) -> None:
    for _ in range(unread):
        other = ticket(cast, now, acknowledge=False)
        triage.assign(ticket=other, assignee=cast.ana, actor=cast.sue, now=now)
    with CaptureQueriesContext(connection) as captured:
        assert services.unread(cast.ana) == unread
    assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        assert len(services.newest(cast.ana)) == unread
    assert len(captured) == 1


def test_the_list_leads_to_what_happened_in_plain_words(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    message = customer_writes(hers, now, "Does it hum for ever?")
    conversation.note(ticket=hers, author=cast.ben, body="Ask Max.", now=now + MINUTE)
    page = desk(cast.ana).get("/notifications/").content.decode()
    assert f'href="/tickets/{hers.reference}/#m{message.pk}"' in page
    for words in ("Carla Customer wrote", "Does it hum for ever?", "Ben wrote a note", "Ask Max."):
        assert words in page
    assert page.index("Ben wrote a note") < page.index("Carla Customer wrote")


def test_of_a_ticket_that_one_sees_no_more_nothing_is_shown(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    customer_writes(hers, now)
    Ticket.objects.filter(pk=hers.pk).update(assignee=None)
    Membership.objects.filter(user=cast.ana).delete()
    client = desk(cast.ana)
    assert "unread" not in bell(client)
    assert hers.reference not in client.get("/notifications/").content.decode()


def test_what_the_page_of_the_ticket_shows_is_read_and_what_came_later_is_not(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    client = desk(cast.ana)
    customer_writes(hers, now)
    triage.assign(ticket=hers, assignee=cast.ben, actor=cast.ben, now=now)
    triage.assign(ticket=hers, assignee=cast.ana, actor=cast.sue, now=now + MINUTE)
    shown = client.get(f"/tickets/{hers.reference}/").context["timeline"].seen
    conversation.note(ticket=hers, author=cast.ben, body="Later.", now=now + MINUTE)
    answer = client.post(
        f"/tickets/{hers.reference}/seen/", {"event": shown.event, "message": shown.message}
    )
    assert '<span class="badge strong">1<' in answer.content.decode()
    left = Notification.objects.get(person=cast.ana, read_at=None)
    assert left.kind == "noted"
    assert not Notification.objects.filter(read_at__isnull=False, mail_at__isnull=False).exists()


def test_that_a_reply_failed_is_not_read_because_its_words_were(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    message = conversation.reply(ticket=hers, author=cast.ana, body="Soon.", now=now)
    client = desk(cast.ana)
    shown = client.get(f"/tickets/{hers.reference}/").context["timeline"].seen
    conversation.undelivered(message=message, at=now, now=now, why="550")
    said = {"event": shown.event, "message": shown.message}
    client.post(f"/tickets/{hers.reference}/seen/", said)
    assert Notification.objects.get(person=cast.ana, kind="failed").read_at is None


def test_nobody_reads_for_others(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    customer_writes(hers, now)
    row = Notification.objects.get(person=cast.ana)
    far = {"event": str(10**17), "message": str(10**17)}
    assert desk(cast.bo).post(f"/tickets/{hers.reference}/seen/", far).status_code == 404
    desk(cast.ben).post(f"/tickets/{hers.reference}/seen/", far)
    desk(cast.ben).post("/notifications/read/", {"one": row.pk})
    desk(cast.ben).post("/notifications/read/", {"until": str(10**18 - 1)})
    row.refresh_from_db()
    assert row.read_at is None


def test_one_is_marked_read_or_all_that_the_page_showed(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    client = desk(cast.ana)
    customer_writes(hers, now)
    conversation.note(ticket=hers, author=cast.ben, body="Hm.", now=now + MINUTE)
    until = client.get("/notifications/").context["until"]
    other = ticket(cast, now, acknowledge=False)
    triage.assign(ticket=other, assignee=cast.ana, actor=cast.sue, now=now + 2 * MINUTE)
    client.post("/notifications/read/", {"until": until})
    rows = Notification.objects.filter(person=cast.ana, read_at=None)
    assert [each.kind for each in rows] == ["assigned"]
    client.post("/notifications/read/", {"one": rows.get().pk})
    assert not rows.all().exists()


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "9" * 40, "١"])
def test_nonsense_marks_nothing_read(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk, nonsense: str
) -> None:
    customer_writes(hers, now)
    client = desk(cast.ana)
    address = f"/tickets/{hers.reference}/seen/"
    assert client.post(address, {"event": nonsense, "message": nonsense}).status_code == 200
    for name in ("one", "until"):
        assert client.post("/notifications/read/", {name: nonsense}).status_code == 302
    assert Notification.objects.filter(person=cast.ana, read_at=None).count() == 1


def test_what_one_does_not_want_on_the_desk_is_not_behind_the_bell(
    cast: SimpleNamespace, now: datetime, hers: Ticket, desk: Desk
) -> None:
    client = desk(cast.ana)
    customer_writes(hers, now)
    boxes = {f"{way}-{kind}": "on" for way in ("on_desk", "by_mail") for kind in ("assigned",)}
    answer = client.post("/notifications/settings/", boxes, follow=True)
    assert "From now on you are told so." in answer.content.decode()
    assert "unread" not in bell(client)
    said = {row.kind: (row.on_desk, row.by_mail) for row in Preference.objects.all()}
    # That a reply did not arrive is always mailed.
    assert said["failed"] == (False, True)
    assert (said["wrote"], said["assigned"]) == ((False, False), (True, True))
    client.post("/notifications/settings/", {"on_desk-wrote": "on"})
    assert "unread" in bell(client)


@pytest.fixture
def heard() -> Iterator[list[Message]]:
    """What the streams of this process are told."""
    found: list[Message] = []
    within_the_process.hear(found.append)
    yield found
    within_the_process.unhear(found.append)


def test_open_pages_of_whom_it_is_news_to_are_told_and_nobody_elses(
    cast: SimpleNamespace, now: datetime, hers: Ticket, heard: list[Message],
    django_capture_on_commit_callbacks: Callable[..., object], settings: SimpleNamespace,
) -> None:  # fmt: skip
    settings.CELERY_BROKER_URL = "memory://localhost"
    hers.followers.add(cast.bo)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        customer_writes(hers, now)
    assert publisher.settle(5)
    people = frozenset({topics.person(cast.ana.pk), topics.person(cast.bo.pk)})
    assert [each.topics for each in heard if each.kind == topics.Kind.NOTICE] == [people]


@pytest.mark.parametrize("kind", NotificationKind.values)
def test_the_list_and_the_menu_tell_of_every_kind(
    cast: SimpleNamespace, now: datetime, desk: Desk, kind: str
) -> None:
    one = ticket(cast, now, assignee=cast.ben)
    event = one.events.latest("pk")
    told = {"event": event, "at": now}
    Notification.objects.update_or_create(person=cast.ben, ticket=one, kind=kind, defaults=told)
    client = desk(cast.ben)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get("/notifications/", headers=headers)
        assert answer.status_code == 200
        assert one.reference in answer.content.decode()
