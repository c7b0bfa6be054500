from dataclasses import replace

import pytest

from tickets.inbound.headers import Address
from tickets.inbound.matching import Candidate, Decision, Fate, Sight, Via, decide
from tickets.inbound.parsing import ParsedMail

CARLA = ParsedMail(sender=Address("Carla", "carla@acme.example"), message_id="<a@b>")
JOINS = Decision(Fate.JOIN, "token", 1)


def sees(via: Via, takes_part: bool, **more: object) -> Sight:
    return Sight(candidates=[Candidate(1, via, takes_part)], **more)  # type: ignore[arg-type]


def test_a_mail_that_points_nowhere_opens_a_ticket() -> None:
    assert decide(CARLA, Sight()).fate is Fate.OPEN


@pytest.mark.parametrize("takes_part", [True, False])
def test_a_signed_address_leads_into_the_conversation(takes_part: bool) -> None:
    assert decide(CARLA, sees(Via.TOKEN, takes_part)) == JOINS


@pytest.mark.parametrize("via", [Via.THREAD, Via.SUBJECT])
def test_without_it_only_who_takes_part_comes_in(via: Via) -> None:
    assert decide(CARLA, sees(via, True)).fate is Fate.JOIN
    assert decide(CARLA, sees(via, False)).fate is Fate.OPEN


@pytest.mark.parametrize("via", [Via.THREAD, Via.SUBJECT])
def test_two_senders_are_nobody_who_takes_part(via: Via) -> None:
    two = replace(CARLA, other_senders=(Address("", "eve@evil.example"),))
    assert decide(two, sees(via, True)).fate is Fate.OPEN
    assert decide(two, sees(Via.TOKEN, True)).fate is Fate.JOIN


def test_the_first_ticket_that_may_be_joined_is() -> None:
    sight = Sight(candidates=[Candidate(1, Via.THREAD, False), Candidate(2, Via.SUBJECT, True)])
    assert decide(CARLA, sight).ticket == 2


@pytest.mark.parametrize(
    "mail",
    [
        replace(CARLA, bounce="a delivery report"),
        replace(CARLA, automatic="Auto-Submitted: auto-replied"),
        replace(CARLA, bulk="Precedence: list"),
    ],
)
def test_what_no_person_wrote_is_ignored_unless_one_insists(mail: ParsedMail) -> None:
    assert decide(mail, sees(Via.THREAD, True)).fate is Fate.IGNORE
    assert decide(mail, sees(Via.THREAD, True), insist=True).fate is Fate.JOIN


def test_a_customers_own_group_may_answer_to_a_signed_address() -> None:
    assert decide(replace(CARLA, bulk="List-Id"), sees(Via.TOKEN, False)) == JOINS
    absent = replace(CARLA, automatic="Auto-Submitted: auto-replied")
    assert decide(absent, sees(Via.TOKEN, False)).fate is Fate.IGNORE


@pytest.mark.parametrize("insist", [True, False])
def test_our_own_mail_is_ignored_whoever_insists(insist: bool) -> None:
    assert decide(CARLA, Sight(is_ours=True), insist=insist).fate is Fate.IGNORE


@pytest.mark.parametrize("via", list(Via))
def test_a_colleagues_address_never_speaks_on_a_ticket_by_itself(via: Via) -> None:
    sight = sees(via, True, colleague="Ana")
    assert decide(CARLA, sight).fate is Fate.ASK
    assert "Ana" in decide(CARLA, sight).because
    assert decide(CARLA, sight, insist=True).fate is Fate.JOIN


def test_a_colleagues_answer_to_an_alert_opens_no_ticket() -> None:
    assert decide(CARLA, Sight(colleague="Eve", answers_us=True)).fate is Fate.ASK
    assert decide(CARLA, Sight(answers_us=True)).fate is Fate.OPEN


def test_a_colleague_may_ask_like_any_customer() -> None:
    assert decide(CARLA, Sight(colleague="Ana")).fate is Fate.OPEN


def test_without_a_sender_a_person_is_asked() -> None:
    assert decide(ParsedMail(sender=None), Sight(), insist=True).fate is Fate.ASK
