"""Scripts for who is on the phone."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kb.defaults import install_defaults
from kb.defaults.scripts import install_scripts
from kb.models import Article
from kb.scripts.models import Script
from kb.scripts.rendering import fill_in, moment
from tests.factories import ticket as opened
from tickets.calls import services
from tickets.calls.models import Call

HTMX = {"HX-Request": "true"}


@pytest.fixture
def call(cast: SimpleNamespace) -> Call:
    install_scripts()
    now = timezone.now()
    return services.begin(direction="inbound", actor=cast.ana, now=now, ticket=opened(cast, now))


def page(cast: SimpleNamespace, call: Call, part: str = "", **headers: str) -> str:
    client = Client()
    client.force_login(cast.ana)
    answer = client.get(f"/calls/{call.pk}/scripts/", {"part": part}, headers=headers)
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (45, "45 seconds"),
        (60, "a minute"),
        (90, "90 seconds"),
        (120, "2 minutes"),
        (150, "3 minutes"),
    ],
)
def test_a_moment_is_said_as_on_the_phone(seconds: int, said: str) -> None:
    assert moment(seconds) == said


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("{first_name}, may I?", "May I?"),
        ("Hello. {first_name}, may I?", "Hello. May I?"),
        ("Thank you, {first_name}. I", "Thank you. I"),
        ("Hello {first_name},\n\nI am", "Hello there,\n\nI am"),
    ],
)
def test_who_is_not_known_yet_is_not_called_by_a_name(text: str, read: str) -> None:
    assert fill_in(text, {}) == read


def test_the_hold_script_is_filled_in_and_carries_its_moment(
    cast: SimpleNamespace, call: Call
) -> None:
    part = page(cast, call, "hold", **HTMX)
    assert "<html" not in part
    assert "Carla, I would like to look this up properly." in part
    assert "hold for about a minute?" in part
    assert 'name="seconds" value="45"' in part
    assert "An angry caller" not in part


def test_on_hold_it_says_what_was_promised_and_how_to_come_back(
    cast: SimpleNamespace, call: Call
) -> None:
    Script.objects.filter(name="Asking for a little longer").update(moment=50)
    services.hold(call=call, actor=cast.ana, now=timezone.now(), moment=timedelta(seconds=50))
    part = page(cast, call, "hold", **HTMX)
    assert "I need another 50 seconds" in part
    assert "Thank you for waiting, Carla." in part
    assert 'name="seconds"' not in part


def test_angry_and_apology_come_first_with_their_keys_and_letters_are_left_out(
    cast: SimpleNamespace, call: Call
) -> None:
    part = page(cast, call, "others", **HTMX)
    assert part.index("An angry caller") < part.index("Apologising") < part.index("Answering")
    assert "<kbd>a</kbd>" in part
    assert "We are looking into it" not in part


def test_an_unknown_caller_has_scripts_too_and_the_page_has_both_parts(
    cast: SimpleNamespace, now: datetime
) -> None:
    install_scripts()
    call = services.begin(direction="inbound", actor=cast.ana, now=now)
    whole = page(cast, call)
    assert "</html>" in whole
    assert "I would like to look this up properly." in whole
    assert "You are right to be upset about this, and I am glad" in whole


def test_whoever_passes_a_caller_on_reads_the_transfer_script_there(
    cast: SimpleNamespace, call: Call
) -> None:
    part = page(cast, call, "transfer", **HTMX)
    assert "my colleague knows more about this than I do" in part
    assert "An angry caller" not in part
    client = Client()
    client.force_login(cast.ana)
    shown = client.get(f"/calls/{call.pk}/").content.decode()
    assert f'hx-get="/calls/{call.pk}/scripts/?part=transfer"' in shown


def test_no_script_turns_the_reading_direction(cast: SimpleNamespace, call: Call) -> None:
    Script.objects.update(body="Let me pass\u202e you on.")
    for part in ("", "transfer"):
        shown = page(cast, call, part, **HTMX)
        assert "Let me pass you on." in shown
        assert "\u202e" not in shown


def test_the_phone_leads_to_the_instructions_and_to_the_sample_log(
    cast: SimpleNamespace, now: datetime
) -> None:
    install_defaults(now=now)
    client = Client()
    client.force_login(cast.ana)
    phone = client.get("/calls/").content.decode()
    place = reverse("articles-about-calls")
    assert f'hx-get="{place}"' in phone
    for headers in ({}, HTMX):
        links = client.get(place, headers=headers).content.decode()
        assert 'href="/kb/how-to-log-a-call/"' in links
        assert 'href="/kb/sample-call-log/"' in links
    for slug in ("how-to-log-a-call", "sample-call-log"):
        assert client.get(f"/kb/{slug}/").status_code == 200
    Article.objects.filter(slug="sample-call-log").update(state="retired")
    assert "sample-call-log" not in client.get(place, headers=HTMX).content.decode()
