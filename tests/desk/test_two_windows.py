"""One writer, one ticket, two windows: neither overwrites the other's draft, and no word is lost."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.desk.test_ticket import Desk, page
from tickets.models import Draft, Ticket
from tickets.services import conversation, drafting

FRAGMENT = {"HX-Request": "true"}
FIELD = re.compile(r'<input type="hidden"(?: id="([\w-]+)")? name="(\w+)" value="([^"]*)"')
BOTH_KEPT = "You changed this draft in another window"
OTHERS_KEPT = "You typed other words in another window"


class Window:
    """A page of the ticket as one window has it: it sends what its hidden fields say."""

    def __init__(self, client: Client, ticket: Ticket, kind: str = "reply") -> None:
        self.client, self.ticket, self.kind = client, ticket, kind
        self.address = f"/tickets/{ticket.reference}/drafts/{kind}/"
        self.html = page(client, ticket, "?form=progress" if kind == "progress" else "")
        self.fields = {
            name: value
            for key, name, value in FIELD.findall(self.form())
            if key.startswith(f"{kind}-") or name in ("told", "other")
        }

    def form(self) -> str:
        begins = self.html.index(f'<details name="composer" id="{self.kind}"')
        return self.html[begins : self.html.index("</form>", begins)]

    def box(self) -> str:
        found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", self.form(), re.DOTALL)
        return found[1] if found else ""

    def types(self, body: str, **said: Any) -> str:
        """What is kept a moment after the last key; the page takes over what the answer says."""
        said = self.fields | {"body": body} | said
        answer = self.client.post(self.address, said, headers=FRAGMENT).content.decode()
        if f'id="{self.kind}-other"' in answer:
            self.fields.pop("told", None)
            self.fields.pop("other", None)
        self.fields |= {name: value for _, name, value in FIELD.findall(answer)}
        return answer

    def chooses(self, choice: str, body: str, **said: Any) -> None:
        said = self.fields | {"body": body, "choice": choice} | said
        answer = self.client.post(self.address, said)
        assert answer.status_code == 302
        self.__init__(self.client, self.ticket, self.kind)  # type: ignore[misc]

    def sends(self, body: str) -> None:
        said = self.fields | {"body": body}
        answer = self.client.post(f"/tickets/{self.ticket.reference}/{self.kind}/", said)
        assert answer.status_code == 302


@pytest.fixture
def ticket(opened: Opener) -> Ticket:
    return opened()


@pytest.fixture
def client(cast: SimpleNamespace, desk: Desk) -> Client:
    return desk(cast.ana)


def drafted() -> str:
    found = Draft.objects.filter(is_aside=False).first()
    return found.body if found else ""


def set_aside() -> list[str]:
    return [each.body for each in Draft.objects.filter(is_aside=True).order_by("pk")]


@pytest.mark.parametrize("kind", ["reply", "note", "progress"])
def test_of_two_windows_the_second_is_told_and_both_texts_are_kept(
    client: Client, ticket: Ticket, kind: str
) -> None:
    one, two = Window(client, ticket, kind), Window(client, ticket, kind)
    assert one.types("From the first").startswith("Draft kept")
    told = two.types("From the second")
    assert told.startswith("Kept beside the draft")
    assert BOTH_KEPT in told
    assert "From the first</div>" in told
    assert (drafted(), set_aside()) == ("From the first", ["From the second"])


def test_typing_on_in_the_second_changes_its_own_words_only_and_says_nothing_anew(
    client: Client, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("From the first")
    two.types("From the second")
    again = two.types("From the second, more")
    assert again.startswith("Kept beside the draft")
    assert BOTH_KEPT not in again
    assert (drafted(), set_aside()) == ("From the first", ["From the second, more"])
    one.types("From the first, changed")
    assert "From the first, changed</div>" in two.types("From the second, more yet")
    assert set_aside() == ["From the second, more yet"]


@pytest.mark.parametrize(
    ("choice", "left"),
    [("mine", "Second"), ("other", "First"), ("both", "First\n\nSecond")],
)
def test_either_text_can_be_taken_or_both(
    client: Client, ticket: Ticket, choice: str, left: str
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    two.types("Second")
    two.chooses(choice, "Second")
    assert (two.box(), drafted(), set_aside()) == (left, left, [])
    assert BOTH_KEPT not in two.html
    assert two.types(f"{left} and on").startswith("Draft kept")


def test_the_copies_go_with_the_words_that_are_taken(client: Client, ticket: Ticket) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First", cc="one@acme.example")
    two.types("Second", cc="two@acme.example")
    two.chooses("both", "Second", cc="two@acme.example, one@acme.example")
    assert Draft.objects.get().cc == "one@acme.example, two@acme.example"
    three = Window(client, ticket)
    two.types("Second", cc="two@acme.example")
    three.types("Third", cc="")
    three.chooses("other", "Third", cc="")
    assert Draft.objects.get().cc == "two@acme.example"


def test_what_changed_again_before_the_choice_is_shown_once_more(
    client: Client, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    two.types("Second")
    one.types("First, and better")
    two.chooses("mine", "Second")
    assert (drafted(), set_aside()) == ("First, and better", ["Second"])
    assert "nothing was chosen" in two.html
    assert OTHERS_KEPT in two.html


def test_a_page_opened_later_offers_what_was_set_aside(client: Client, ticket: Ticket) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    two.types("Second", cc="two@acme.example")
    later = Window(client, ticket)
    assert later.box() == "First"
    assert OTHERS_KEPT in later.form()
    assert "Second</div>" in later.form()
    said = later.types("First, and on")
    assert said.startswith("Draft kept")
    assert OTHERS_KEPT not in said  # it stands there already
    later.chooses("both", "First, and on")
    assert (drafted(), set_aside()) == ("Second\n\nFirst, and on", [])
    assert OTHERS_KEPT not in later.form()


def test_words_typed_on_in_another_window_outlive_a_choice_that_had_not_shown_them(
    client: Client, ticket: Ticket
) -> None:
    first, second = Window(client, ticket), Window(client, ticket)
    first.types("From the first")
    second.types("From the second")
    third = Window(client, ticket)
    second.types("From the second, and ten minutes more")
    answer = client.post(
        third.address, third.fields | {"body": "From the first", "choice": "mine"}, follow=True
    )
    assert "nothing was chosen" in answer.content.decode()
    assert Draft.objects.filter(body="From the second, and ten minutes more").exists()
    third = Window(client, ticket)
    assert "ten minutes more" in third.html
    third.chooses("mine", "From the first")
    assert [each.body for each in Draft.objects.all()] == ["From the first"]


def test_of_words_that_are_gone_nothing_is_chosen(client: Client, ticket: Ticket) -> None:
    first, second = Window(client, ticket), Window(client, ticket)
    first.types("From the first")
    second.types("From the second")
    third = Window(client, ticket)
    second.sends("From the second")
    answer = client.post(
        third.address, third.fields | {"body": "From the first", "choice": "other"}, follow=True
    )
    assert "nothing was chosen" in answer.content.decode()
    assert drafted() == "From the first"


def test_words_aside_are_in_the_box_where_no_draft_is_left(client: Client, ticket: Ticket) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    two.types("Second")
    one.sends("First")
    later = Window(client, ticket)
    assert later.box() == "Second"
    assert 'class="badge soft">draft' in later.form()
    later.types("Second, and on")
    assert (drafted(), set_aside()) == ("Second, and on", [])


def test_a_page_that_goes_on_with_the_same_words_is_not_asked(
    client: Client, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("Dear Carla")
    assert two.types("Dear Carla, soon").startswith("Draft kept")
    assert (drafted(), set_aside()) == ("Dear Carla, soon", [])


def test_a_box_emptied_in_an_old_window_empties_nothing(client: Client, ticket: Ticket) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    assert BOTH_KEPT in two.types("")
    assert (drafted(), set_aside()) == ("First", [])
    one.types("")
    assert not Draft.objects.exists()


def test_a_draft_that_began_anew_is_not_taken_for_the_one_that_a_window_knows(
    client: Client, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    one.types("")
    two.types("Second")
    assert BOTH_KEPT in one.types("Third")
    assert (drafted(), set_aside()) == ("Second", ["Third"])


@pytest.mark.parametrize("kind", ["reply", "note", "progress"])
def test_sending_leaves_the_draft_of_another_window_and_says_so(
    client: Client, ticket: Ticket, kind: str
) -> None:
    one, two = Window(client, ticket, kind), Window(client, ticket, kind)
    one.types("From the first, long")
    two.sends("From the second")
    assert drafted() == "From the first, long"
    after = Window(client, ticket, kind)
    assert "Other words of yours were not part of it" in after.html
    assert after.box() == "From the first, long"


def test_sending_takes_what_its_own_window_had_set_aside(client: Client, ticket: Ticket) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    two.types("Second")
    two.sends("Second, now")
    assert (drafted(), set_aside()) == ("First", [])


@pytest.mark.parametrize("kind", ["reply", "note", "progress"])
def test_what_is_written_without_a_page_leaves_the_draft_of_its_author(
    cast: SimpleNamespace, client: Client, ticket: Ticket, kind: str
) -> None:
    """By a program, or to every ticket of an incident."""
    Window(client, ticket, kind).types("Half a thought")
    words = "text" if kind == "progress" else "body"
    write = getattr(conversation, kind)
    write(ticket=ticket, author=cast.ana, now=timezone.now(), **{words: "It is mended."})
    assert drafted() == "Half a thought"


def test_what_is_sent_while_it_is_still_being_kept_is_no_draft(
    client: Client, ticket: Ticket
) -> None:
    """The page had not heard yet that its words were kept."""
    one = Window(client, ticket)
    known = dict(one.fields)
    one.types("Dear Carla")
    one.fields = known
    one.sends("Dear Carla, soon.")
    assert not Draft.objects.exists()


def test_a_refused_reply_of_an_old_window_shows_the_newer_draft(
    client: Client, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    said = two.fields | {"body": "Second", "cc": "nobody"}
    answer = client.post(f"/tickets/{ticket.reference}/reply/", said)
    assert answer.status_code == 422
    told = answer.content.decode()
    assert BOTH_KEPT in told
    assert ">\nSecond</textarea>" in told
    assert "First</div>" in told


def test_without_scripts_the_preview_of_an_old_window_sets_its_words_aside(
    client: Client, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    preview = f"/tickets/{ticket.reference}/preview/reply/"
    told = client.post(preview, two.fields | {"body": "Second", "cc": ""}).content.decode()
    assert BOTH_KEPT in told
    assert ">\nSecond</textarea>" in told
    assert (drafted(), set_aside()) == ("First", ["Second"])
    two.html = told
    two.fields = {name: value for _, name, value in FIELD.findall(two.form())}
    two.chooses("mine", "Second")
    assert (drafted(), set_aside()) == ("Second", [])


def test_without_scripts_the_preview_goes_on_with_what_it_kept(
    client: Client, ticket: Ticket
) -> None:
    one = Window(client, ticket)
    preview = f"/tickets/{ticket.reference}/preview/reply/"
    one.html = client.post(preview, one.fields | {"body": "First", "cc": ""}).content.decode()
    one.fields = {name: value for _, name, value in FIELD.findall(one.form())}
    assert one.types("Other words").startswith("Draft kept")
    assert drafted() == "Other words"


def test_nobody_chooses_among_the_words_of_another(
    cast: SimpleNamespace, client: Client, desk: Desk, ticket: Ticket
) -> None:
    one, two = Window(client, ticket), Window(client, ticket)
    one.types("First")
    two.types("Ana's own")
    his = Window(desk(cast.ben), ticket)
    own = Draft.objects.get(is_aside=True).pk
    his.chooses("other", "His own", other=own, told="")
    assert set_aside() == ["Ana's own"]
    assert his.box() == "His own"


def test_what_is_no_choice_is_refused(client: Client, ticket: Ticket) -> None:
    address = f"/tickets/{ticket.reference}/drafts/reply/"
    assert client.post(address, {"body": "x", "choice": "neither"}).status_code == 403
    assert not Draft.objects.exists()


def test_a_page_from_before_the_upgrade_keeps_its_words_as_it_did(
    client: Client, ticket: Ticket
) -> None:
    for body in ("First", "Second"):
        said = client.post(f"/tickets/{ticket.reference}/drafts/reply/", {"body": body})
        assert re.fullmatch(r"Draft kept, \d\d:\d\d:\d\d", said.content.decode())
    assert drafted() == "Second"


WORDS = "We have put a credit on your account."


def test_words_taken_back_are_not_brought_back_by_an_open_page(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    whose: dict[str, Any] = {"ticket": ticket, "author": cast.ana, "kind": "reply"}
    drafting.add(**whose, text=WORDS, now=timezone.now())
    one = Window(client, ticket)
    one.types(f"Dear Carla,\n\n{WORDS}", shown=Draft.objects.get().marks)
    drafting.take_out(**whose, text=WORDS)
    told = one.types(f"Dear Carla, hello\n\n{WORDS}\n\nAna")
    assert drafted() == "Dear Carla, hello\n\nAna"
    assert "taken back meanwhile" in told
    assert WORDS in told
    # Nor by a box in which nothing else stands.
    one.types(WORDS)
    assert drafted() == ""
    assert 'class="badge soft">draft' not in Window(client, ticket).form()


def test_words_taken_back_leave_what_another_window_has_set_aside(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    whose: dict[str, Any] = {"ticket": ticket, "author": cast.ana, "kind": "reply"}
    drafting.add(**whose, text=WORDS, now=timezone.now())
    one, two = Window(client, ticket), Window(client, ticket)
    one.types(f"Dear Carla,\n\n{WORDS}", shown=Draft.objects.get().marks)
    two.types(f"Hello,\n\n{WORDS}")
    drafting.take_out(**whose, text=WORDS)
    assert (drafted(), set_aside()) == ("Dear Carla,", ["Hello,"])


def test_words_aside_are_locked_before_others_are_taken_out_of_them(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    whose: dict[str, Any] = {"ticket": ticket, "author": cast.ana, "kind": "reply"}
    Draft.objects.create(**whose, is_aside=True, body=WORDS, kept_at=timezone.now())
    with CaptureQueriesContext(connection) as seen:
        drafting.take_out(**whose, text=WORDS)
    reads = [each["sql"] for each in seen if "LIKE" in each["sql"]]
    assert [sql.endswith("FOR UPDATE") for sql in reads] == [True]
    assert not Draft.objects.exists()


def test_words_that_are_granted_anew_may_be_said_again(
    cast: SimpleNamespace, client: Client, ticket: Ticket
) -> None:
    whose: dict[str, Any] = {"ticket": ticket, "author": cast.ana, "kind": "reply"}
    drafting.add(**whose, text=WORDS, now=timezone.now())
    one = Window(client, ticket)
    drafting.take_out(**whose, text=WORDS)
    drafting.add(**whose, text=WORDS, now=timezone.now())
    one.sends(f"Dear Carla,\n\n{WORDS}")
    assert ticket.messages.filter(kind="reply").count() == 1
