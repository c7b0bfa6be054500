"""The feed: each public update once, for programs that remember what they have read."""

from datetime import datetime
from types import SimpleNamespace
from xml.etree import ElementTree

from django.test import Client

from escalation.incidents import services
from escalation.incidents.models import Incident, Update
from tests.escalation.incidents.conftest import MINUTE, declared

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client) -> list[ElementTree.Element]:
    answer = client.get("/status/feed/")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    return list(ElementTree.fromstring(answer.content).iter(f"{ATOM}entry"))  # noqa: S314  our own


def said(incident: Incident, cast: SimpleNamespace, at: datetime, text: str, state: str) -> None:
    services.say(incident=incident, text=text, actor=cast.sue, now=at, is_public=True, state=state)


def ids(client: Client) -> list[str | None]:
    return [each.findtext(f"{ATOM}id") for each in entries(client)]


def test_it_has_an_entry_for_each_public_update_the_newest_first(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    incident = declared(broken, now)
    said(incident, broken, now, "We are on it.", "investigating")
    services.say(incident=incident, text="Bo looks.", actor=broken.ben, now=now)
    said(incident, broken, now + MINUTE, "It is <over>.", "resolved")
    found = entries(client)
    titles = [each.findtext(f"{ATOM}title") for each in found]
    assert titles == [
        "Resolved: Updates break the Hub", "Investigating: Updates break the Hub",
    ]  # fmt: skip
    assert found[0].findtext(f"{ATOM}summary") == "<p>It is &lt;over&gt;.</p>"
    assert found[0].findtext(f"{ATOM}updated") == "2026-03-03T14:01:00+00:00"
    link = found[0].find(f"{ATOM}link")
    assert link is not None
    assert f"/status/{incident.pk}/#update-" in link.attrib["href"]


def test_an_entry_keeps_its_id_whatever_comes_or_changes(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    incident = declared(broken, now)
    said(incident, broken, now, "We are on it.", "investigating")
    before = ids(client)
    said(incident, broken, now + MINUTE, "It is over.", "resolved")
    Incident.objects.update(title="Something else")
    assert ids(client)[1:] == before
    assert len(set(ids(client))) == 2


def test_no_word_breaks_it(broken: SimpleNamespace, client: Client, now: datetime) -> None:
    incident = declared(broken, now)
    said(incident, broken, now, "We are on it.", "investigating")
    Update.objects.update(text="a\x07b\ufffe\u202e]]>&<")
    Incident.objects.update(title="\x1b\uffff&<b>")
    assert entries(client)[0].findtext(f"{ATOM}title") == "Investigating: &<b>"


def test_who_has_it_already_gets_nothing_again(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    said(declared(broken, now), broken, now, "We are on it.", "investigating")
    first = client.get("/status/feed/")
    again = client.get("/status/feed/", headers={"If-None-Match": first["ETag"]})
    assert (first["Cache-Control"], again.status_code) == ("public, max-age=30", 304)


def test_an_empty_one_is_a_feed_too(db: None, client: Client) -> None:
    assert entries(client) == []
