"""Articles drafted by agents: read by those who publish, published or set aside, nothing overwritten."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from kb import proposing
from kb.access import changes_article, publishes_articles
from kb.models import Article
from tests.factories import replied, ticket
from tickets.access import NotAllowed
from tickets.errors import Conflict, Invalid, TooLate
from tickets.services import conversation


@pytest.fixture
def draft(cast: SimpleNamespace, now: datetime) -> Article:
    return proposing.propose(
        title="Lamps", body="They hum.", audience="staff", author=cast.ana, now=now
    )


def logged_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_agents_article_is_a_draft_with_a_revision_of_theirs(
    cast: SimpleNamespace, draft: Article
) -> None:
    assert (draft.state, draft.proposed_by) == ("draft", cast.ana)
    assert [(each.body, each.author) for each in draft.revisions.all()] == [("They hum.", cast.ana)]


def test_a_draft_is_seen_by_its_author_and_by_those_who_publish_alone(
    cast: SimpleNamespace, draft: Article
) -> None:
    for who, status in (("ana", 200), ("sue", 200), ("ada", 200), ("ben", 404), ("eve", 404)):
        client = logged_in(getattr(cast, who))
        assert client.get("/kb/lamps/").status_code == status, who
        listed = "Lamps" in client.get("/kb/").content.decode()
        assert listed == (status == 200), who


def test_from_a_ticket_it_begins_with_the_subject_and_what_the_customer_was_told_last(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    replied(one, cast.ana, now + timedelta(minutes=1))
    conversation.reply(
        ticket=one, author=cast.ana, body="Still held.", now=now + timedelta(hours=1)
    )
    page = logged_in(cast.ana).get(f"/kb/new/article/?ticket={one.reference}").content.decode()
    assert 'value="The lamp hums"' in page
    assert "It is known." in page
    assert "Still held." not in page
    assert logged_in(cast.bo).get(f"/kb/new/article/?ticket={one.reference}").status_code == 404


def test_at_the_desk_it_is_proposed_published_and_read_by_all(cast: SimpleNamespace) -> None:
    said = {"title": "Kettles", "body": "They boil.", "audience": "public"}
    told = logged_in(cast.ana).post("/kb/new/article/", said, follow=True).content.decode()
    assert "a supervisor or an admin can publish it" in told
    sue = logged_in(cast.sue)
    assert "Waiting to be published" in sue.get("/kb/").content.decode()
    told = sue.post("/kb/kettles/publish/", {"version": "1"}, follow=True).content.decode()
    assert "Published: everybody at the desk reads it now." in told
    assert "They boil." in logged_in(cast.ben).get("/kb/kettles/").content.decode()
    assert "published</span>" in logged_in(cast.ana).get("/kb/").content.decode()


def test_only_supervisors_and_admins_publish(cast: SimpleNamespace, draft: Article) -> None:
    for who in ("ana", "ben", "eve", "max"):
        with pytest.raises(NotAllowed):
            proposing.publish(
                article=draft, version=1, actor=getattr(cast, who), now=draft.updated_at
            )
    assert logged_in(cast.ana).post("/kb/lamps/publish/", {"version": "1"}).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_was_changed_since_it_was_read_is_not_published_unread(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    proposing.revise(
        article=draft, title="Lamps", body="Hit them.", audience="staff", version=1,
        author=cast.ana, now=now,
    )  # fmt: skip
    with pytest.raises(Conflict):
        proposing.publish(article=draft, version=1, actor=cast.sue, now=now)
    answer = logged_in(cast.sue).post("/kb/lamps/publish/", {"version": "1"})
    assert answer.status_code == 409
    assert "Somebody changed it after you opened it." in answer.content.decode()
    assert "Hit them." in answer.content.decode()
    for nonsense in ("", "x", "-1"):
        assert (
            logged_in(cast.sue).post("/kb/lamps/publish/", {"version": nonsense}).status_code == 409
        )


def test_of_two_who_decide_the_second_is_told(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    proposing.publish(article=draft, version=1, actor=cast.sue, now=now)
    with pytest.raises(TooLate, match="published already"):
        proposing.set_aside(article=draft, version=1, reason="No", actor=cast.ada, now=now)


def test_set_aside_its_author_reads_why_and_proposes_it_anew(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    sue, ana = logged_in(cast.sue), logged_in(cast.ana)
    refused = sue.post("/kb/lamps/set-aside/", {"version": "1", "reason": " "})
    assert refused.status_code == 422
    assert (
        "The reason is empty." in refused.content.decode() or "required" in refused.content.decode()
    )
    sue.post("/kb/lamps/set-aside/", {"version": "1", "reason": "Too short"})
    assert "Too short" in ana.get("/kb/").content.decode()
    assert "Set aside: <bdi>Too short</bdi>" in ana.get("/kb/lamps/").content.decode()
    said = {"title": "Lamps", "body": "They hum at night.", "audience": "staff", "version": "1"}
    ana.post("/kb/lamps/change/", said)
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("draft", 2)


def test_what_was_published_meanwhile_its_author_changes_no_more(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    proposing.publish(article=draft, version=1, actor=cast.sue, now=now)
    change = {"title": "Lamps", "body": "Other.", "audience": "staff", "version": 1}
    with pytest.raises(NotAllowed):
        proposing.revise(article=draft, author=cast.ana, now=now, **change)
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("published", 1)
    proposing.revise(article=draft, author=cast.sue, now=now, **change)
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("published", 2)


def test_a_stale_change_is_refused_and_what_was_typed_stays(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    said = {"title": "Lamps", "body": "Mine.", "audience": "staff", "version": "1"}
    logged_in(cast.sue).post("/kb/lamps/change/", said | {"body": "Hers."})
    answer = logged_in(cast.ana).post("/kb/lamps/change/", said)
    assert answer.status_code == 409
    assert "Mine.</textarea>" in answer.content.decode()
    assert "Somebody saved this article while you wrote" in answer.content.decode()
    for body in ("", "  ", "a\x00b"):
        assert (
            logged_in(cast.ana).post("/kb/new/article/", said | {"body": body}).status_code == 422
        )


def test_a_reason_that_is_none_is_refused(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    with pytest.raises(Invalid):
        proposing.set_aside(article=draft, version=1, reason=" ", actor=cast.sue, now=now)


def test_in_the_admin_the_chosen_drafts_are_published_and_others_said(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    other = proposing.propose(title="Known", body="x", audience="staff", author=cast.ana, now=now)
    proposing.publish(article=other, version=1, actor=cast.sue, now=now)
    said = {"action": "publish", "_selected_action": [draft.pk, other.pk]}
    told = logged_in(cast.ada).post("/admin/kb/article/", said, follow=True).content.decode()
    assert "1 draft is published." in told
    assert "«Known»: It was published already." in told


@pytest.mark.parametrize("who", ["ana", "bo", "sue", "stan", "eve", "max", "ada"])
def test_who_publishes_articles_and_who_changes_them(cast: SimpleNamespace, who: str) -> None:
    user = getattr(cast, who)
    publishes = who in {"sue", "stan", "ada"}
    assert publishes_articles(user) == publishes
    assert changes_article(user, user.pk, is_published=False)
    assert changes_article(user, user.pk, is_published=True) == publishes
    assert changes_article(user, cast.ben.pk, is_published=False) == publishes
    assert changes_article(user, None, is_published=False) == publishes
    user.is_active = False
    assert not publishes_articles(user)
    assert not changes_article(user, user.pk, is_published=False)


def version_in(html: str, form: str = "") -> str:
    found = re.search(r'name="version" value="(\d+)"', html[html.index(form) :])
    assert found is not None
    return found[1]


def test_a_refused_change_shows_what_was_saved_and_can_be_saved_after_all(
    cast: SimpleNamespace, draft: Article
) -> None:
    said = {"title": "Lamps", "body": "Mine.", "audience": "staff", "version": "1"}
    logged_in(cast.sue).post("/kb/lamps/change/", said | {"body": "Hers."})
    ana = logged_in(cast.ana)
    refused = ana.post("/kb/lamps/change/", said).content.decode()
    assert "Hers." in refused
    assert "Mine.</textarea>" in refused
    again = said | {"version": version_in(refused)}
    assert ana.post("/kb/lamps/change/", again).status_code == 302
    draft.refresh_from_db()
    assert draft.version == 3


@pytest.mark.parametrize("deed", ["publish", "set-aside"])
def test_a_refused_decision_can_be_taken_after_all(
    cast: SimpleNamespace, draft: Article, now: datetime, deed: str
) -> None:
    proposing.revise(
        article=draft, title="Lamps", body="Hit them.", audience="staff", version=1,
        author=cast.ana, now=now,
    )  # fmt: skip
    sue, said = logged_in(cast.sue), {"reason": "No", "version": "1"}
    refused = sue.post(f"/kb/lamps/{deed}/", said)
    assert refused.status_code == 409
    again = said | {"version": version_in(refused.content.decode(), f"/kb/lamps/{deed}/")}
    assert sue.post(f"/kb/lamps/{deed}/", again).status_code == 302


def test_written_anew_it_keeps_no_reason_of_old(
    cast: SimpleNamespace, draft: Article, now: datetime
) -> None:
    proposing.set_aside(article=draft, version=1, reason="Too short", actor=cast.sue, now=now)
    proposing.revise(
        article=draft, title="Lamps", body="Longer.", audience="staff", version=1,
        author=cast.ana, now=now,
    )  # fmt: skip
    draft.refresh_from_db()
    assert (draft.state, draft.remark) == ("draft", "")
