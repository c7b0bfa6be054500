"""Drafts: what is typed is kept on the server, is there on any machine, and is gone once sent."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.desk.test_ticket import Desk, page
from tests.desk.test_two_windows import Window
from tickets.models import Draft, Ticket
from tickets.services import conversation, drafting, triage
from tickets.views import drafts


def typed(client: Client, ticket: Ticket, kind: str = "reply", **said: Any) -> str:
    answer = client.post(
        f"/tickets/{ticket.reference}/drafts/{kind}/", said, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def opens(told: str) -> list[str]:
    """Which panels of the composer are open."""
    return re.findall(r'<details name="composer" id="(\w+)"[^>]* open>', told)


def test_what_was_typed_is_there_when_the_page_is_opened_anywhere(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = typed(desk(cast.ana), ticket, body="Dear Carla,\r\n<b>", cc="boss@acme.example")
    assert said.startswith("Draft kept, ")
    told = page(desk(cast.ana), ticket)
    assert ">\nDear Carla,\n&lt;b&gt;</textarea>" in told
    assert 'value="boss@acme.example"' in told


def test_each_kind_of_words_has_a_draft_of_its_own(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    for kind in ("reply", "note", "progress"):
        typed(client, ticket, kind, body=f"Half a {kind}")
    typed(client, ticket, "note", body="Half a note more")
    told = page(client, ticket)
    assert "Half a reply</textarea>" in told
    assert "Half a note more</textarea>" in told
    assert "Half a progress</textarea>" in page(client, ticket, "?form=progress")


def test_a_note_left_half_written_is_open_again_unless_a_reply_was(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    assert opens(page(client, ticket)) == ["reply"]
    typed(client, ticket, "note", body="Half a note")
    assert opens(page(client, ticket)) == ["note"]
    typed(client, ticket, "reply", body="Half a reply")
    assert opens(page(client, ticket)) == ["reply"]


def test_nobody_else_reads_it(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    typed(desk(cast.ana), ticket, body="Not for Ben's eyes")
    assert "Not for Ben" not in page(desk(cast.ben), ticket)


def test_emptied_it_is_forgotten(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Something")
    assert typed(client, ticket, body=" \n ") == ""
    assert not Draft.objects.exists()


@pytest.mark.parametrize("kind", ["reply", "note", "progress"])
def test_sent_it_is_no_draft_any_more(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, kind, body="All of it")
    client.post(f"/tickets/{ticket.reference}/{kind}/", {"body": "All of it"})
    assert ticket.messages.filter(kind=kind).count() == 1
    assert not Draft.objects.exists()


def test_the_browsers_last_word_after_the_message_itself_makes_no_draft(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    loaded = timezone.now() - timedelta(minutes=1)
    conversation.reply(ticket=ticket, author=cast.ana, body="All of it", now=timezone.now())
    assert typed(client, ticket, body="All of it ", since=loaded.isoformat()) == ""
    assert typed(client, ticket, body="Something else", since=loaded.isoformat())
    assert typed(client, ticket, body="All of it", since="no instant")


def test_a_draft_changes_nothing_about_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    before, events = ticket.version, ticket.events.count()
    typed(desk(cast.ana), ticket, body="Half a reply")
    ticket.refresh_from_db()
    assert (ticket.version, ticket.events.count()) == (before, events)


def test_who_may_not_write_keeps_no_draft(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    hidden, client = opened(team=cast.billing), desk(cast.ana)
    address = "/tickets/{}/drafts/{}/"
    hidden_address = address.format(hidden.reference, "reply")
    assert client.post(hidden_address, {"body": "x"}).status_code == 404
    strange = address.format(opened().reference, "customer")
    assert client.post(strange, {"body": "x"}).status_code == 403
    assert client.get(address.format(opened().reference, "note")).status_code == 405
    assert not Draft.objects.exists()


def test_what_cannot_be_stored_is_left_out_of_it(cast: SimpleNamespace, opened: Opener) -> None:
    ticket, now = opened(), timezone.now()
    body = "a\x00b\ud800" + "x" * 300_000
    drafting.keep(ticket=ticket, author=cast.ana, kind="note", body=body, now=now)
    assert Draft.objects.get().body.startswith("abxxx")
    assert len(Draft.objects.get().body) <= 200_000


def test_one_person_has_one_draft_of_a_kind(cast: SimpleNamespace, opened: Opener) -> None:
    ticket, now = opened(), timezone.now()
    given = {"ticket": ticket, "author": cast.ana, "kind": "note", "body": "x", "kept_at": now}
    Draft.objects.create(**given)
    with pytest.raises(IntegrityError):
        Draft.objects.create(**given)


def test_recalled_words_stand_above_what_was_drafted_since(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    message = conversation.reply(ticket=ticket, author=cast.ana, body="The first words", now=now)
    typed(client, ticket, body="The next words")
    conversation.recall(message=message, actor=cast.ana, now=now + timedelta(seconds=30))
    told = page(client, ticket, f"?draft={message.pk}")
    assert ">\nThe first words\n\nThe next words</textarea>" in told


WORDS = "We have put a credit on your account."


def put_in(ticket: Ticket, author: Any, text: str = WORDS) -> None:
    drafting.add(ticket=ticket, author=author, kind="reply", text=text, now=timezone.now())


def shown_on(client: Client, ticket: Ticket) -> list[str]:
    """What the form of the reply says that it has shown."""
    return re.findall(r'name="shown" value="(\w+)"', page(client, ticket))


def drafted(ticket: Ticket) -> str:
    found = Draft.objects.filter(ticket=ticket).first()
    return found.body if found else ""


def test_words_put_in_while_the_page_is_open_outlive_what_it_keeps(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear Carla,")
    put_in(ticket, cast.ana)
    assert typed(client, ticket, body="Dear Carla, I ").startswith("Draft kept")
    assert drafted(ticket) == f"Dear Carla, I\n\n{WORDS}"
    assert f"Dear Carla, I\n\n{WORDS}</textarea>" in page(client, ticket)


def test_an_emptied_box_that_had_not_shown_them_leaves_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear Carla,")
    put_in(ticket, cast.ana)
    assert typed(client, ticket, body="") == ""
    assert drafted(ticket) == WORDS


def test_a_reply_sent_from_a_page_that_had_not_shown_them_leaves_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear Carla,", cc="boss@acme.example")
    put_in(ticket, cast.ana)
    loaded = timezone.now() - timedelta(minutes=1)
    client.post(f"/tickets/{ticket.reference}/reply/", {"body": "Dear Carla, soon."})
    assert ticket.messages.filter(kind="reply").count() == 1
    assert (drafted(ticket), Draft.objects.get().cc) == (WORDS, "")
    # The browser's last word comes after it.
    typed(client, ticket, body="Dear Carla, soon.", since=loaded.isoformat())
    assert drafted(ticket) == WORDS


def test_a_page_that_has_shown_them_changes_empties_and_sends_them(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    shown = shown_on(client, ticket)
    assert len(shown) == 1
    typed(client, ticket, body="We have put 20 USD there.", shown=shown)
    assert drafted(ticket) == "We have put 20 USD there."
    assert shown_on(client, ticket) == []
    put_in(ticket, cast.ana)
    typed(client, ticket, body="", shown=shown_on(client, ticket))
    assert drafted(ticket) == ""
    put_in(ticket, cast.ana)
    sent = {"body": "Other words", "shown": shown_on(client, ticket)}
    client.post(f"/tickets/{ticket.reference}/reply/", sent)
    assert drafted(ticket) == ""


def test_of_two_that_were_put_in_only_the_one_shown_is_taken_over(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    shown = shown_on(client, ticket)
    put_in(ticket, cast.ana, "A gift is on its way.")
    typed(client, ticket, body="We gave you a credit.", shown=shown)
    assert drafted(ticket) == "We gave you a credit.\n\nA gift is on its way."


def test_words_that_stand_in_what_is_kept_are_not_put_below_it_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    """A script has written them there already."""
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    typed(client, ticket, body=f"Dear Carla,\n\n{WORDS}")
    assert drafted(ticket) == f"Dear Carla,\n\n{WORDS}"
    typed(client, ticket, body="Dear Carla,")
    assert drafted(ticket) == "Dear Carla,"


def test_a_refused_reply_has_shown_only_what_its_page_had(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    answer = client.post(f"/tickets/{ticket.reference}/reply/", {"body": " ", "cc": "nobody"})
    assert answer.status_code == 422
    assert 'name="shown"' not in answer.content.decode()
    assert drafted(ticket) == WORDS


def test_recalled_words_come_with_those_that_were_put_in(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    message = conversation.reply(ticket=ticket, author=cast.ana, body="The first words", now=now)
    put_in(ticket, cast.ana)
    conversation.recall(message=message, actor=cast.ana, now=now + timedelta(seconds=30))
    told = page(client, ticket, f"?draft={message.pk}")
    assert f">\nThe first words\n\n{WORDS}</textarea>" in told
    assert 'name="shown"' in told


def test_copies_stay_as_they_were_where_none_are_given(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear", cc="boss@acme.example")
    now = timezone.now()
    drafting.keep(ticket=ticket, author=cast.ana, kind="reply", body="Dear Carla", now=now)
    assert Draft.objects.get().cc == "boss@acme.example"
    typed(client, ticket, body="Dear", cc="")
    assert Draft.objects.get().cc == ""


@pytest.mark.parametrize("how", ["merged", "closed"])
def test_it_is_still_to_be_found_where_its_ticket_takes_no_reply_any_more(
    cast: SimpleNamespace, desk: Desk, opened: Opener, how: str
) -> None:
    ticket, other, client = opened(), opened(subject="Another"), desk(cast.ana)
    typed(client, ticket, body="Ten minutes of words")
    now = timezone.now()
    if how == "merged":
        triage.merge(source=ticket, target=other, actor=cast.sue, now=now)
        told = page(client, other)
        assert ">\nTen minutes of words</textarea>" in told
        assert f"Typed on {ticket.reference}, which was merged into this ticket." in told
        typed(client, other, body="Ten minutes of words, and more")
        assert "Typed on" not in page(client, other)
    else:
        triage.set_status(ticket=ticket, status="closed", actor=cast.sue, now=now)
        told = page(client, ticket)
        assert "readonly>\nTen minutes of words</textarea>" in told
        assert "It is here to copy" in told
        refused = client.post(
            f"/tickets/{ticket.reference}/reply/", {"body": "Ten minutes of words"}
        )
        assert refused.content.decode().count("Ten minutes of words") == 1
    assert "Ten minutes" not in page(desk(cast.ben), other if how == "merged" else ticket)


def test_merged_into_where_there_is_one_already_both_are_kept_to_choose_from(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, now = opened(), opened(subject="Another"), timezone.now()
    for one, body in ((ticket, "From the one"), (other, "Of the other")):
        drafting.keep(ticket=one, author=cast.ana, kind="reply", body=body, now=now)
    drafting.keep(ticket=ticket, author=cast.ben, kind="note", body="By Ben", now=now)
    triage.merge(source=ticket, target=other, actor=cast.sue, now=now)
    standing = drafting.of(other, cast.ana)["reply"]
    assert standing.draft
    assert standing.other
    assert (standing.draft.body, standing.other.body) == ("Of the other", "From the one")
    assert standing.other.is_aside
    said = f"You typed other words on {ticket.reference}, which was merged into this ticket"
    assert said in page(desk(cast.ana), other)
    assert drafting.of(other, cast.ben)["note"].has_words
    assert not Draft.objects.filter(ticket=ticket).exists()


def test_who_does_not_see_what_their_ticket_was_merged_into_finds_their_words_where_they_were(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, now = opened(), opened(team=cast.billing), timezone.now()
    drafting.keep(ticket=ticket, author=cast.ana, kind="note", body="Half a note", now=now)
    triage.merge(source=ticket, target=other, actor=cast.sue, now=now)
    assert "readonly>\nHalf a note</textarea>" in page(desk(cast.ana), ticket)


def merged(cast: SimpleNamespace, ticket: Ticket, other: Ticket) -> None:
    triage.merge(source=ticket, target=other, actor=cast.sue, now=timezone.now())


def kept(*tickets: Ticket) -> list[tuple[str, str, bool, str]]:
    """What is kept where: the subject of the ticket, the words, whether aside, and the copies."""
    rows = Draft.objects.filter(ticket__in=tickets).order_by("ticket", "is_aside", "pk")
    return [(row.ticket.subject, row.body, row.is_aside, row.cc) for row in rows]


def test_a_page_still_open_on_what_was_merged_away_keeps_its_words_where_the_ticket_went(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, middle, other = opened(), opened(subject="Middle"), opened(subject="Last")
    client = desk(cast.ana)
    typed(client, ticket, body="Dear", draft="", aside="", cc="a@x.example")
    base = Draft.objects.get().version
    merged(cast, ticket, middle)
    merged(cast, middle, other)
    said = typed(client, ticket, body="Dear Carla", draft=base, aside="", cc="b@x.example")
    assert said.startswith(f"Draft kept on {other.reference}, ")
    assert kept(ticket, middle, other) == [
        ("Last", "Dear Carla", False, "a@x.example, b@x.example")
    ]
    base = Draft.objects.get().version
    assert f'value="{base}"' in said
    typed(client, ticket, body="Dear Ca", draft=base, aside="", cc="")
    assert kept(ticket, middle, other) == [("Last", "Dear Ca", False, "")]
    assert "It is here to copy" not in page(client, ticket)


def test_a_word_deleted_on_a_page_still_open_on_what_was_merged_away_loses_no_other(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    source, target = opened(), opened()
    client = desk(cast.ben)
    drafting.keep(
        ticket=target, author=cast.ben, kind="reply", body="Words of the target.",
        now=timezone.now(),
    )  # fmt: skip
    window = Window(client, source)
    window.types("Hello dear world")
    triage.merge(source=source, target=target, actor=cast.sue, now=timezone.now())
    window.types("Hello dear world, more")
    window.types("Hello dear world")
    bodies = Draft.objects.filter(ticket=target).order_by("is_aside").values_list("body", flat=True)
    assert list(bodies) == ["Words of the target.", "Hello dear world"]


def test_words_kept_in_the_instant_of_a_merge_go_along(
    cast: SimpleNamespace, opened: Opener, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = opened(), opened()
    look = drafts.ticket_for

    def and_merge(*asked: Any, **said: Any) -> Ticket:
        found = look(*asked, **said)
        triage.merge(source=source, target=target, actor=cast.sue, now=timezone.now())
        return found

    monkeypatch.setattr(drafts, "ticket_for", and_merge)
    said = typed(desk(cast.ana), source, body="Dear Carla", draft="", aside="")
    assert said.startswith(f"Draft kept on {target.reference}, ")
    assert Draft.objects.get().ticket == target


def test_words_of_who_does_not_answer_any_more_are_there_to_be_copied(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    given, source, target = opened(assignee=cast.max), opened(assignee=cast.max), opened()
    client, now = desk(cast.max), timezone.now()
    for ticket in (given, source):
        typed(client, ticket, body=f"The pump of {ticket.reference}")
    triage.follow(ticket=given, user=cast.max, actor=cast.sue, now=now)
    triage.assign(ticket=given, assignee=cast.ben, actor=cast.sue, now=now)
    triage.merge(source=source, target=target, actor=cast.sue, now=now)
    for ticket, words in ((given, given.reference), (target, source.reference)):
        told = page(client, ticket)
        assert f"readonly>\nThe pump of {words}</textarea>" in told
        assert "went to others to answer" in told
    assert "The pump" not in page(desk(cast.ana), given)


def test_where_other_words_are_there_those_of_the_open_page_are_kept_aside_once(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, client = opened(), opened(subject="Last"), desk(cast.ana)
    typed(client, other, body="Of the other", draft="", aside="")
    typed(client, ticket, body="From the one", draft="", aside="")
    base = Draft.objects.get(ticket=ticket).version
    merged(cast, ticket, other)
    for body in ("From the one", "From the one, more", "the one", "the other"):
        typed(client, ticket, body=body, draft=base, aside="")
    assert kept(ticket, other) == [
        ("Last", "Of the other", False, ""), ("Last", "From the one, more", True, ""),
    ]  # fmt: skip
    told = typed(client, ticket, body="New", draft=base, aside="")
    assert Draft.objects.filter(ticket=other, is_aside=True).count() == 2
    pk = Draft.objects.get(body="New").pk
    assert f'name="aside" value="{pk}"' in told
    typed(client, ticket, body="Newer", draft=base, aside=pk)
    assert [body for _, body, _, _ in kept(ticket, other)][2:] == ["Newer"]


def test_what_was_sent_from_there_meanwhile_is_no_draft_of_the_open_page_any_more(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, client = opened(), opened(subject="Last"), desk(cast.ana)
    since = timezone.now().isoformat()
    typed(client, ticket, body="Soon.", draft="", aside="")
    base = Draft.objects.get().version
    merged(cast, ticket, other)
    conversation.reply(ticket=other, author=cast.ana, body="Soon.", base=None, now=timezone.now())
    typed(client, ticket, body="Soon.", draft=base, aside="", since=since)
    assert kept(ticket, other) == []


def test_who_does_not_see_where_it_went_goes_on_where_they_were(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other = opened(), opened(subject="Last", team=cast.billing)
    merged(cast, ticket, other)
    typed(desk(cast.ana), ticket, "note", body="Half", draft="", aside="")
    assert kept(ticket, other) == [(ticket.subject, "Half", False, "")]


def test_where_the_same_words_are_there_already_who_gets_a_copy_is_taken_along(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, client = opened(), opened(subject="Last"), desk(cast.ana)
    typed(client, other, body="Dear Carla, soon.", cc="a@x.example")
    typed(client, ticket, body="Dear Carla", cc="b@x.example, a@x.example")
    merged(cast, ticket, other)
    assert kept(ticket, other) == [("Last", "Dear Carla, soon.", False, "a@x.example, b@x.example")]


def test_more_copies_than_a_draft_has_room_for_stay_with_their_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, client = opened(), opened(subject="Last"), desk(cast.ana)
    one, two = (f"{letter * 900}@x.example" for letter in "ab")
    typed(client, other, body="Dear Carla, soon.", cc=one)
    typed(client, ticket, body="Dear Carla", cc=two)
    merged(cast, ticket, other)
    assert kept(ticket, other) == [
        ("Last", "Dear Carla, soon.", False, one), ("Last", "Dear Carla", True, two),
    ]  # fmt: skip
