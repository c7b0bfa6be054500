"""The telephone at the desk: the bar, the call's page, who calls, the logs."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import desk, opened
from tickets.calls import services
from tickets.calls.models import Call, Callback, Hold
from tickets.calls.services import promise_callback
from tickets.models import Ticket
from tickets.people.models import Contact, User
from tickets.services import triage

__all__ = ["desk", "opened"]
Desk = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(opened: Any) -> Ticket:
    made: Ticket = opened()
    return made


@pytest.fixture
def call(cast: SimpleNamespace, ticket: Ticket) -> Call:
    """Ana has been speaking with Carla for a minute."""
    return services.begin(
        direction="outbound", actor=cast.ana, now=timezone.now() - MINUTE, ticket=ticket
    )


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_every_page_of_the_desk_shows_the_call_under_way(
    desk: Desk, cast: SimpleNamespace, call: Call, ticket: Ticket
) -> None:
    for path in ("/", f"/tickets/{ticket.reference}/", "/kb/", "/calls/", "/tickets/new/"):
        page = text(desk(cast.ana).get(path))
        assert 'aria-label="Call under way"' in page, path
        assert "Incoming call</button>" not in page
        other = text(desk(cast.ben).get(path))
        assert "Call under way" not in other
        assert "Incoming call" in other


def test_executives_and_experts_are_offered_no_phone(desk: Desk, cast: SimpleNamespace) -> None:
    for person in (cast.eve, cast.max):
        assert "Incoming call" not in text(desk(person).get("/"))
        for path in ("/calls/", "/calls/callers/?q=Carla", f"/contacts/{cast.carla.pk}/calls/"):
            assert desk(person).get(path).status_code == 403, path
        assert desk(person).post("/calls/start/", {"direction": "inbound"}).status_code == 403
    assert not Call.objects.exists()


def test_an_incoming_call_begins_at_once_and_the_caller_is_named_later(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    ana = desk(cast.ana)
    answer = ana.post("/calls/start/", {"direction": "inbound", "number": "+1 555 0100"})
    call = Call.objects.get()
    assert answer.headers["Location"] == f"/calls/{call.pk}/"
    assert "Who is calling?" in text(ana.get(answer.headers["Location"]))
    said = {"ticket": ticket.reference, "next": f"/tickets/{ticket.reference}/"}
    answer = ana.post(f"/calls/{call.pk}/attach/", said)
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/"
    call.refresh_from_db()
    assert (call.ticket, call.contact) == (ticket, cast.carla)


def test_without_a_ticket_it_is_said_where_a_callback_is_promised(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    ana = desk(cast.ana)
    ana.post("/calls/start/", {"direction": "inbound"})
    call = Call.objects.get()
    link = f'<a href="/calls/{call.pk}/ticket/">open one for this call</a> first.'
    page = text(ana.get(f"/calls/{call.pk}/"))
    assert f"A callback is promised on a ticket: {link}" in page
    assert "What we promised" not in page
    services.attach(call=call, ticket=ticket, actor=cast.ana, now=timezone.now())
    page = text(ana.get(f"/calls/{call.pk}/"))
    assert "What we promised" in page
    assert "A callback is promised on a ticket" not in page


def test_a_second_click_on_incoming_leads_to_the_call_under_way(
    desk: Desk, cast: SimpleNamespace
) -> None:
    ana = desk(cast.ana)
    first = ana.post("/calls/start/", {"direction": "inbound"})
    second = ana.post("/calls/start/", {"direction": "inbound"}, follow=True)
    assert second.redirect_chain[-1][0] == first.headers["Location"]
    assert "finish it first" in text(second)
    assert Call.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"direction": "sideways"},
        {"direction": ""},
        {"direction": "inbound", "number": "١٢٣"},
        {"direction": "inbound", "number": "9" * 500},
    ],
    ids=str,
)
def test_nonsense_begins_no_call(desk: Desk, cast: SimpleNamespace, said: dict[str, str]) -> None:
    assert desk(cast.ana).post("/calls/start/", said).status_code == 302
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "said",
    [{"contact": "0"}, {"contact": "x"}, {"ticket": "HD-222222"}, {"callback": "7"}],
    ids=str,
)
def test_what_is_not_there_begins_no_call(
    desk: Desk, cast: SimpleNamespace, said: dict[str, str]
) -> None:
    answer = desk(cast.ana).post("/calls/start/", {"direction": "outbound"} | said)
    assert answer.status_code == 404
    assert not Call.objects.exists()


def test_a_call_is_nobody_elses(desk: Desk, cast: SimpleNamespace, call: Call) -> None:
    base = f"/calls/{call.pk}/"
    for person in (cast.ben, cast.sue, cast.ada):
        for path in (base, f"{base}now/", f"{base}ticket/", f"{base}scripts/"):
            assert desk(person).get(path).status_code == 404, path
        for deed in ("hold", "back", "draft", "attach", "pass-on", "finish"):
            said = {"contact": cast.carla.pk, "outcome": "reached", "summary": "x"}
            assert desk(person).post(f"{base}{deed}/", said).status_code == 404, deed
    assert Call.objects.get().is_under_way
    assert not Hold.objects.exists()


def test_a_caller_is_not_put_on_a_ticket_that_one_does_not_see(
    desk: Desk, cast: SimpleNamespace, opened: Any
) -> None:
    hidden = opened(team=cast.billing)
    ana = desk(cast.ana)
    ana.post("/calls/start/", {"direction": "inbound"})
    call = Call.objects.get()
    answer = ana.post(f"/calls/{call.pk}/attach/", {"ticket": hidden.reference})
    assert answer.status_code == 404
    assert Call.objects.get().ticket is None


def test_the_bar_leads_back_to_the_page_that_is_open_also_where_only_the_bar_was_fetched(
    cast: SimpleNamespace, desk: Desk, call: Call, ticket: Ticket
) -> None:
    ana, page = desk(cast.ana), f"/tickets/{ticket.reference}/"
    said = HTMX | {"HX-Current-URL": f"http://testserver{page}"}
    bar = text(ana.post(f"/calls/{call.pk}/hold/", {"seconds": "45"}, headers=said))
    assert f'name="next" value="{page}"' in bar
    answer = ana.post(f"/calls/{call.pk}/back/", {"next": page})
    assert answer.headers["Location"] == page


def test_hold_and_back_by_page_and_by_part(desk: Desk, cast: SimpleNamespace, call: Call) -> None:
    ana, base = desk(cast.ana), f"/calls/{call.pk}/"
    part = ana.post(f"{base}hold/", {"seconds": "45"}, headers=HTMX)
    assert part.headers["HX-Trigger"] == "call-changed"
    assert "You said a moment: 45 s." in text(part)
    assert "data-back-at" in text(part)
    again = ana.post(f"{base}hold/", headers=HTMX)
    assert again.status_code == 409
    assert "on hold already" in text(again)
    answer = ana.post(f"{base}back/", {"next": "/kb/"})
    assert answer.headers["Location"] == "/kb/"
    assert "Hold</button>" in text(ana.get(base))
    assert Hold.objects.count() == 1


@pytest.mark.parametrize("seconds", ["٤٥", "-3", "1e9", "abc", "0"])
def test_a_moment_that_is_none_is_said_and_nobody_waits(
    desk: Desk, cast: SimpleNamespace, call: Call, seconds: str
) -> None:
    page = desk(cast.ana).post(f"/calls/{call.pk}/hold/", {"seconds": seconds}, follow=True)
    assert "A moment is 5 to 1800 seconds" in text(page)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:x", "x"])
def test_back_leads_to_no_other_site(
    desk: Desk, cast: SimpleNamespace, call: Call, place: str
) -> None:
    answer = desk(cast.ana).post(f"/calls/{call.pk}/hold/", {"next": place})
    assert answer.headers["Location"] == f"/calls/{call.pk}/"


def test_the_time_to_go_back_is_said_in_words_before_colour(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    now = timezone.now()
    hold = services.hold(call=call, actor=cast.ana, now=now)
    for back_in, words, tone in (
        (timedelta(seconds=40.9), "back in 0:4", "calm"),
        (timedelta(seconds=8.9), "go back now: 0:0", "soon"),
        (timedelta(seconds=-70), "go back: 1:1", "late"),
    ):
        Hold.objects.filter(pk=hold.pk).update(back_at=timezone.now() + back_in)
        bar = text(desk(cast.ana).get("/calls/bar/"))
        assert words in bar
        assert f'class="clock {tone}"' in bar


def test_what_is_written_is_kept_and_comes_back_with_the_page(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    ana, base = desk(cast.ana), f"/calls/{call.pk}/"
    assert "Kept " in text(ana.post(f"{base}draft/", {"summary": "She <b>asks"}, headers=HTMX))
    assert "She &lt;b&gt;asks</textarea>" in text(ana.get(base))


def finish(client: Client, call: Call, **said: str) -> Any:
    given = {"outcome": "reached", "summary": "All is well."}
    return client.post(f"/calls/{call.pk}/finish/", given | said)


def test_finishing_with_a_promise_is_one_form(
    desk: Desk, cast: SimpleNamespace, call: Call, ticket: Ticket
) -> None:
    answer = finish(
        desk(cast.ana), call, promise="120", promise_because="The price",
        promise_contact=str(cast.carla.pk), promise_number="+1 555 0199",
    )  # fmt: skip
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/"
    owed = Callback.objects.get()
    assert (owed.because, owed.number, owed.promised_by) == ("The price", "+15550199", cast.ana)
    assert abs(owed.due_at - timezone.now() - timedelta(hours=2)) < MINUTE
    assert f"/tickets/{ticket.reference}/" in text(desk(cast.ben).get("/calls/"))


def test_the_time_of_a_promise_is_in_ones_own_zone(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    User.objects.filter(pk=cast.ana.pk).update(time_zone="America/New_York")
    day = (timezone.now() + timedelta(days=10)).date().isoformat()
    finish(desk(cast.ana), call, promise="at", promise_at=f"{day}T09:00")
    due = Callback.objects.get().due_at
    assert due.astimezone(User.objects.get(pk=cast.ana.pk).zone).hour == 9


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("", "Nothing is promised"),
        ("60", "A call within an hour"),
        ("schedule", "A call, as the response schedule says"),
    ],
)
def test_a_time_typed_beside_another_choice_is_asked_about_and_moves_no_promise(
    desk: Desk, cast: SimpleNamespace, call: Call, chosen: str, words: str
) -> None:
    at = f"{timezone.now() + timedelta(days=40):%Y-%m-%dT10:00}"
    answer = finish(desk(cast.ana), call, promise=chosen, promise_at=at)
    assert answer.status_code == 422
    assert f"«{words}» was chosen, and a time is typed here" in text(answer)
    assert f'value="{at}"' in text(answer)
    assert Call.objects.get().is_under_way
    assert not Callback.objects.exists()


def test_a_call_finished_elsewhere_swallows_no_time_that_was_typed_beside_nothing(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    ana = desk(cast.ana)
    finish(ana, call)
    at = f"{timezone.now() + timedelta(days=2):%Y-%m-%dT10:00}"
    assert finish(ana, call, promise_at=at).status_code == 409


@pytest.mark.parametrize("chosen", ["60", "schedule"])
def test_the_choice_alone_says_by_when_a_call_is_promised(
    desk: Desk, cast: SimpleNamespace, call: Call, chosen: str
) -> None:
    finish(desk(cast.ana), call, promise=chosen, promise_at="")
    owed = Callback.objects.get()
    if chosen == "schedule":
        assert owed.due_at is None
    else:
        assert abs(owed.due_at - owed.promised_at - timedelta(hours=1)) < MINUTE


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"outcome": ""}, "required"),
        ({"outcome": "wrong"}, "not one of"),
        ({"promise": "at"}, "Say by when."),
        ({"promise": "at", "promise_at": "2020-01-01T10:00"}, "not in the past"),
        ({"promise": "at", "promise_at": "٢٠٢٧-01-01T10:00"}, "only looks like a digit"),
        ({"promise": "60", "promise_number": "call me"}, "not a phone number"),
        ({"promise": "60", "promise_contact": "999999"}, "not one of"),
        ({"promise": "60", "promise_because": "a\nb"}, "one line"),
    ],
    ids=str,
)
def test_nonsense_is_said_at_its_field_and_the_call_goes_on(
    desk: Desk, cast: SimpleNamespace, call: Call, said: dict[str, str], words: str
) -> None:
    answer = finish(desk(cast.ana), call, **said)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "All is well." in text(answer)
    assert Call.objects.get().is_under_way
    assert not Callback.objects.exists()


def test_a_second_tab_that_finishes_hears_it_and_keeps_its_words(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    ana = desk(cast.ana)
    finish(ana, call)
    answer = finish(ana, call, summary="Typed in the other tab.")
    assert answer.status_code == 409
    assert "finished already" in text(answer)
    assert "Typed in the other tab." in text(answer)
    assert Call.objects.get().summary == "All is well."


def test_a_second_click_on_finish_is_the_same_finish(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    ana = desk(cast.ana)
    for _ in range(2):
        answer = finish(ana, call, promise="60")
        assert answer.status_code == 302
    assert Callback.objects.count() == 1
    assert finish(ana, call, outcome="busy").status_code == 409


def test_a_forgotten_call_is_flagged_everywhere_and_asks_for_its_end(
    desk: Desk, cast: SimpleNamespace, call: Call
) -> None:
    began = timezone.now() - timedelta(hours=5)
    Call.objects.update(started_at=began)
    ana = desk(cast.ana)
    assert "Still on the phone?" in text(ana.get("/"))
    answer = finish(ana, call)
    assert answer.status_code == 422
    assert "When it really ended" in text(answer)
    ended = (began + 10 * MINUTE).strftime("%Y-%m-%dT%H:%M")
    assert finish(ana, call, ended_at=ended).status_code == 302
    assert Call.objects.get().ended_at.strftime("%Y-%m-%dT%H:%M") == ended


def test_a_wrong_number_is_logged_without_anybody(desk: Desk, cast: SimpleNamespace) -> None:
    ana = desk(cast.ana)
    ana.post("/calls/start/", {"direction": "inbound"})
    answer = finish(ana, Call.objects.get(), outcome="wrong", summary="")
    assert answer.headers["Location"] == "/calls/"
    assert "they called, wrong number" in text(ana.get("/calls/"))


def test_a_call_that_is_over_and_of_no_ticket_is_logged(desk: Desk, cast: SimpleNamespace) -> None:
    ana = desk(cast.ana)
    said = {"direction": "inbound", "outcome": "wrong", "minutes": "1", "number": "+1 555 0100",
            "summary": "Wanted the baker."}  # fmt: skip
    assert "Log a call that is over" in text(ana.get("/calls/"))
    for wrong in ({"minutes": "٦"}, {"number": "none"}, {"outcome": "maybe"}):
        answer = ana.post("/calls/log/", said | wrong)
        assert answer.status_code == 422
        assert "Wanted the baker." in text(answer)
    assert not Call.objects.exists()
    assert ana.post("/calls/log/", said).status_code == 302
    assert "Wanted the baker." in text(ana.get("/calls/"))
    assert desk(cast.max).post("/calls/log/", said).status_code == 403


def test_colleagues_see_who_is_on_the_phone_with_whom(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    owed = promise_callback(
        ticket=ticket, due_at=None, actor=cast.ben, because="One", now=timezone.now() - MINUTE
    )
    services.begin(
        direction="outbound", actor=cast.ana, now=timezone.now(), ticket=ticket, callback=owed
    )
    page = text(desk(cast.ben).get(f"/tickets/{ticket.reference}/phone/"))
    assert "<bdi>Ana</bdi> is on the phone with <bdi>Carla Customer</bdi>" in page
    assert "<bdi>Ana</bdi> is calling now" in page
    assert "tried" not in page
    assert "is calling now" in text(desk(cast.ben).get("/calls/"))


def test_a_callback_that_somebody_is_calling_for_is_called_beside_them_only_knowingly(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    owed = promise_callback(
        ticket=ticket, due_at=None, actor=cast.ben, because="One", now=timezone.now() - MINUTE
    )
    said = {"ticket": ticket.reference, "callback": str(owed.pk), "direction": "outbound"}
    ana, page = desk(cast.ana), f"/tickets/{ticket.reference}/phone/"
    assert "Call now" in text(ana.get("/calls/"))
    desk(cast.ben).post("/calls/start/", said)
    assert "Call now" not in text(ana.get("/calls/"))
    answer = ana.post("/calls/start/", said, follow=True)
    assert answer.redirect_chain[-1][0] == f"/tickets/{ticket.reference}/"
    assert "Ben is calling them about this right now" in text(answer)
    assert Call.objects.count() == 1
    known = f'name="beside" value="{cast.ben.pk}"'
    assert known in text(ana.get(page))
    assert "Call beside <bdi>Ben</bdi>" in text(ana.get(page))
    ana.post("/calls/start/", said | {"beside": "x"})
    assert Call.objects.count() == 1
    ana.post("/calls/start/", said | {"beside": str(cast.ben.pk)})
    assert Call.objects.under_way().count() == 2


def test_a_ticket_for_somebody_new_is_opened_on_the_call(desk: Desk, cast: SimpleNamespace) -> None:
    ana = desk(cast.ana)
    ana.post("/calls/start/", {"direction": "inbound", "number": "+1 555 0177"})
    call = Call.objects.get()
    page = text(ana.get(f"/calls/{call.pk}/ticket/"))
    assert 'value="+15550177"' in page
    said = {"name": "Nia", "phone": "+1 555 0177", "subject": "Dark", "body": "No light.",
            "category": cast.question.pk, "priority": "normal"}  # fmt: skip
    assert ana.post(f"/calls/{call.pk}/ticket/", said | {"subject": ""}).status_code == 422
    assert ana.post(f"/calls/{call.pk}/ticket/", said).status_code == 302
    call.refresh_from_db()
    assert call.ticket is not None
    assert (call.ticket.channel, call.contact) == ("phone", Contact.objects.get(name="Nia"))


def test_passing_on_needs_whom_and_what(
    desk: Desk, cast: SimpleNamespace, call: Call, ticket: Ticket
) -> None:
    ana, path = desk(cast.ana), f"/calls/{call.pk}/pass-on/"
    for said in ({"to": ""}, {"to": "p0", "note": "x"}, {"to": f"p{cast.ben.pk}", "note": " "}):
        assert ana.post(path, said).status_code == 422
    page = ana.post(path, {"to": f"p{cast.ben.pk}", "note": "Knows it."}, follow=True)
    assert "Passed on to Ben." in text(page)
    ticket.refresh_from_db()
    assert ticket.assignee == cast.ben


def test_the_panel_always_says_who_it_is_and_what_is_late(
    desk: Desk, cast: SimpleNamespace, call: Call, ticket: Ticket
) -> None:
    Contact.objects.filter(pk=cast.carla.pk).update(
        phone="+1 (555) 010-0", time_zone="Asia/Tokyo", language="ja"
    )
    Ticket.objects.filter(pk=ticket.pk).update(
        next_due_at=timezone.now() - MINUTE, next_due_metric="first_reply", is_late=True
    )
    page = text(desk(cast.ana).get(f"/calls/{call.pk}/"))
    for words in ("Gold", "Asia/Tokyo", "Japanese", 'href="tel:+15550100"', "first reply late by"):
        assert words in page
    assert "<html" not in text(desk(cast.ana).get(f"/calls/{call.pk}/", headers=HTMX))


def test_a_promise_is_withdrawn_or_an_attempt_is_logged_on_the_ticket(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    now = timezone.now() - MINUTE
    first, second = (
        promise_callback(ticket=ticket, due_at=None, actor=cast.ben, because=why, now=now)
        for why in ("One", "Two")
    )
    ana, base = desk(cast.ana), f"/tickets/{ticket.reference}/"
    assert text(ana.get(f"{base}phone/")).count("Owed: a call") == 2
    said = {"direction": "outbound", "outcome": "busy", "minutes": "0", "callback": second.pk}
    assert ana.post(f"{base}calls/", said).status_code == 302
    assert "tried 1 time" in text(ana.get(f"{base}phone/"))
    gone = f"{base}callbacks/{first.pk}/withdraw/"
    assert ana.post(gone, {"because": "She wrote."}).status_code == 302
    again = ana.post(gone, {"because": "She wrote."})
    assert again.status_code == 422
    assert "withdrawn already" in text(again)
    ana.post(f"{base}calls/", said | {"outcome": "reached"})
    assert [*Callback.objects.values_list("state", flat=True)] == ["withdrawn", "kept"]
    assert "2 promised calls settled" in text(ana.get(f"{base}phone/"))


def test_a_promise_of_another_ticket_is_not_reached_through_ones_own(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket, opened: Any
) -> None:
    theirs = opened(team=cast.billing)
    owed = promise_callback(
        ticket=theirs, due_at=None, actor=None, because="One", now=timezone.now()
    )
    ana, base = desk(cast.ana), f"/tickets/{ticket.reference}/"
    assert ana.post(f"{base}callbacks/{owed.pk}/withdraw/").status_code == 404
    said = {"ticket": ticket.reference, "callback": owed.pk, "direction": "outbound"}
    assert ana.post("/calls/start/", said).status_code == 404
    said = {"direction": "outbound", "outcome": "reached", "minutes": "0", "callback": owed.pk}
    assert ana.post(f"{base}calls/", said).status_code == 422
    owed.refresh_from_db()
    assert owed.state == "open"


def test_an_expert_reads_the_calls_of_a_ticket_put_before_them_and_does_nothing(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    owed = promise_callback(
        ticket=ticket, due_at=None, actor=None, because="One", now=timezone.now()
    )
    triage.follow(ticket=ticket, user=cast.max, actor=cast.ana, now=timezone.now())
    expert, base = desk(cast.max), f"/tickets/{ticket.reference}/"
    page = text(expert.get(f"{base}phone/"))
    assert "Owed: a call" in page
    assert "Call now" not in page
    assert expert.post(f"{base}callbacks/{owed.pk}/withdraw/").status_code == 403
    said = {"direction": "outbound", "ticket": ticket.reference}
    assert expert.post("/calls/start/", said).status_code == 403


def test_the_calls_of_a_customer_are_those_one_may_see(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket, opened: Any
) -> None:
    at = timezone.now() - 9 * MINUTE
    theirs = opened(team=cast.billing)
    for on, words in ((ticket, "Seen."), (theirs, "Hidden."), (None, "On no ticket.")):
        services.log_call(
            ticket=on, contact=cast.carla, direction="inbound", outcome="reached",
            started_at=at, ended_at=at + MINUTE, summary=words, actor=cast.bo, now=at + MINUTE,
        )  # fmt: skip
    page = text(desk(cast.ana).get(f"/contacts/{cast.carla.pk}/calls/"))
    assert "Seen." in page
    assert "On no ticket." in page
    assert "Hidden." not in page


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_lists_cost_as_many_queries_for_thirty_as_for_three(
    desk: Desk, cast: SimpleNamespace, ticket: Ticket
) -> None:
    ana, now = desk(cast.ana), timezone.now()
    paths = [
        "/calls/", f"/tickets/{ticket.reference}/phone/", f"/contacts/{cast.carla.pk}/calls/",
        "/calls/callers/?q=Car",
    ]  # fmt: skip
    counts = []
    for many in (3, 30):
        for number in range(Call.objects.count(), many):
            promise_callback(ticket=ticket, due_at=None, actor=cast.ben, because="x", now=now)
            services.log_call(
                ticket=ticket, contact=cast.carla, direction="inbound", outcome="reached",
                started_at=now - 3 * MINUTE, ended_at=now - MINUTE, summary="x", actor=cast.ana,
                now=now, holds=[services.HoldSpan(now - 2 * MINUTE, now - MINUTE)],
            )  # fmt: skip
            Contact.objects.create(name=f"Carl {number}", organization=cast.acme)
        counts.append([queries(ana, path) for path in paths])
    assert counts[0] == counts[1]


ATTACK = '"><script>window.hit=1</script>\u202e{{ user.password }}'


def test_what_customers_and_callers_say_is_shown_inert(
    desk: Desk, cast: SimpleNamespace, call: Call, ticket: Ticket
) -> None:
    Contact.objects.filter(pk=cast.carla.pk).update(name=ATTACK, phone=ATTACK[:40])
    Ticket.objects.filter(pk=ticket.pk).update(subject=ATTACK)
    Call.objects.update(summary=ATTACK, passed_to=ATTACK, number=ATTACK[:40])
    owed = promise_callback(ticket=ticket, due_at=None, actor=None, because="x", now=timezone.now())
    Callback.objects.filter(pk=owed.pk).update(because=ATTACK, number=ATTACK[:40])
    ana = desk(cast.ana)
    services.hold(call=Call.objects.get(), actor=cast.ana, now=timezone.now(), because="x")
    Hold.objects.update(because=ATTACK)
    base = f"/calls/{call.pk}/"
    paths = ["/", "/calls/", base, f"{base}scripts/", "/calls/callers/?q=%22%3E",
             f"/tickets/{ticket.reference}/phone/", "/calls/?q=%3Cscript%3E"]  # fmt: skip
    for path in paths:
        page = text(ana.get(path))
        assert "<script>window" not in page, path
        if "<textarea" not in page:
            assert "\u202e" not in page, path
    finish(ana, call, summary=ATTACK)
    for path in (base, f"/contacts/{cast.carla.pk}/calls/", f"/tickets/{ticket.reference}/phone/"):
        page = text(ana.get(path))
        assert "<script>window" not in page
        assert "\u202e" not in page
