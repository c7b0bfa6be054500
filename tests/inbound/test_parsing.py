import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.inbound.conftest import CORPUS, eml, written
from tickets.inbound.parsing import ParsedMail, Unparsable, parse


def parsed(name: str) -> ParsedMail:
    return parse(eml(name))


def sender(mail: ParsedMail) -> str:
    return mail.sender.email if mail.sender else ""


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.eml")), ids=lambda path: path.stem)
def test_no_mail_of_the_corpus_raises_or_leaks_controls(path: Path) -> None:
    try:
        mail = parse(path.read_bytes())
    except Unparsable:
        assert path.stem in {"empty", "not_a_mail"}
        return
    names = [mail.sender.name if mail.sender else "", *(file.name for file in mail.files)]
    for line in [mail.subject, mail.message_id, *names]:
        assert not re.search("[\x00-\x1f\x7f\u202a-\u202e]", line)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", mail.text)


def test_a_plain_mail_is_read_whole() -> None:
    mail = parsed("plain")
    assert mail.sender == ("Carla Customer", "carla@acme.example")
    assert mail.subject == "The lamp flickers"
    assert mail.message_id == "<plain@acme.example>"
    assert mail.date == datetime(2026, 3, 3, 14, tzinfo=UTC)
    assert mail.delivered_to == ("support@helpdesk.localhost",)
    assert mail.text == "Hello,\n\nmy lamp flickers since yesterday. Order A-1001.\n\nCarla"
    assert {mail.bounce, mail.automatic, mail.bulk, mail.wants_no_answer} == {"", False}


@pytest.mark.parametrize(
    ("name", "subject", "text"),
    [
        ("latin1", "Straße über München", "Die Lampe flackert - schön"),
        ("windows1252", "“Quoted” – dash", "It’s €5"),
        ("koi8", "Лампа мигает", "Лампа мигает."),
        ("shift_jis", "ランプ", "ランプがちらつきます。①"),
        ("gb2312", "灯闪烁", "灯在闪烁镕"),
        ("bogus_charset", "café", "Grüße aus Köln"),
        ("no_charset_utf8", "Grüße", "Grüße aus Köln"),
        ("bad_base64", "b64", "Hello world"),
        ("unknown_encoding", "cte", "begin 666 x\nnot uu\nend"),
        ("no_boundary", "No boundary", "Just text after all."),
        ("nested_multipart", "Nested", "At the bottom."),
        ("folded", "The lamp flickers", "Text."),
        ("crlf", "The lamp flickers", "Hello,\n\nmy lamp flickers."),
        ("mbox_line", "Through procmail", "My lamp flickers."),
        ("nul", "nul here", "beforeafter[31m 💡\n��� half"),
        ("rtf_body", "RTF", ""),
        ("empty_body", "Only a subject", ""),
        ("no_subject", "", "Text."),
    ],
)
def test_words_arrive_as_they_were_meant(name: str, subject: str, text: str) -> None:
    mail = parsed(name)
    assert (mail.subject, mail.text) == (subject, text)


def test_html_becomes_text_with_lines_lists_quotes_and_links() -> None:
    assert parsed("html_only").text == (
        "Hello support,\n\nmy lamp <flickers> & hums.\n\n- first\n- second\n\n"
        "See the film (https://acme.example/film?a=1&b=2) and acme.example.\nBye\n\n"
        "> You wrote: hello\n> >\n> > I wrote: hi"
    )


def test_the_plain_alternative_is_preferred_and_all_texts_are_joined() -> None:
    mail = parsed("multipart")
    assert mail.text == "The café lamp flickers.\n\nAnd a closing line after the photo."
    assert [file.name for file in mail.files] == ["photo.jpg", "Rechnung äö.pdf"]
    assert mail.files[0].content.startswith(b"\xff\xd8\xff")


def test_a_forwarded_mail_is_a_file_and_not_what_its_sender_says() -> None:
    mail = parsed("forwarded")
    assert mail.text == "See the attached mail."
    assert mail.files[0].name == "forwarded.eml"
    assert b"Inner text." in mail.files[0].content


def test_encoded_words_smuggle_in_neither_lines_nor_headers_nor_addresses() -> None:
    mail = parsed("encoded_injection")
    assert mail.subject == "Hello X-Evil: yes there"
    assert mail.sender == ("Carla Bcc: all@acme.example", "carla@acme.example")
    assert parsed("encoded_address").other_senders == ()
    assert sender(parsed("encoded_address")) == "carla@acme.example"


def test_a_name_that_looks_like_an_address_is_only_a_name() -> None:
    assert sender(parsed("spoof_name")) == "eve@evil.example"


@pytest.mark.parametrize("name", ["spoof_two_senders", "spoof_two_from"])
def test_a_second_sender_is_seen(name: str) -> None:
    assert [each.email for each in parsed(name).other_senders] == ["eve@evil.example"]


@pytest.mark.parametrize("name", ["brackets", "brackets_from"])
def test_nine_hundred_brackets_do_not_hide_the_sender(name: str) -> None:
    assert sender(parsed(name)) == "carla@acme.example"


@pytest.mark.parametrize("name", ["no_sender", "bad_sender", "headers_only"])
def test_a_mail_may_have_no_sender(name: str) -> None:
    assert parsed(name).sender is None


@pytest.mark.parametrize("name", ["empty", "not_a_mail"])
def test_what_is_no_mail_says_so(name: str) -> None:
    with pytest.raises(Unparsable, match="no headers"):
        parsed(name)


@pytest.mark.parametrize(
    ("name", "mark", "words"),
    [
        ("auto_reply", "automatic", "Auto-Submitted: auto-replied"),
        ("auto_reply_old", "automatic", "x-autoreply"),
        ("list", "bulk", "Precedence: list"),
        ("bounce", "bounce", "an empty return path"),
        ("null_path", "bounce", "an empty return path"),
        ("read_receipt", "bounce", "a delivery report"),
    ],
)
def test_a_mail_that_no_person_wrote_says_what_it_is(name: str, mark: str, words: str) -> None:
    assert getattr(parsed(name), mark) == words


def test_a_mail_may_ask_for_no_answer_and_still_be_a_persons() -> None:
    mail = parsed("suppress_only")
    assert mail.wants_no_answer
    assert not mail.automatic
    assert parse(written(sender="no-reply@shop.example")).wants_no_answer


def test_auto_submitted_no_is_a_person() -> None:
    assert parse(written(Auto_Submitted="No")).automatic == ""


def test_a_bounce_names_what_did_not_arrive_only_when_it_failed_for_good() -> None:
    assert parsed("bounce").undelivered == "<returned@helpdesk.localhost>"
    assert parse(eml("bounce").replace(b"Action: failed", b"Action: delayed")).undelivered == ""


def test_the_thread_is_read_from_the_nearest_on() -> None:
    assert parsed("folded").thread == ["<c@x>", "<b@x>", "<a@x>"]


def test_a_mail_that_came_by_two_ways_has_one_key() -> None:
    one, two = written(), b"Received: from elsewhere\n" + written()
    assert parse(one).key == parse(two).key
    assert parse(one).key != parse(written(text="Something else.")).key
    assert parse(written(message_id="")).key == ""


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(written(subject="x" * 1_000_000), id="a subject of a megabyte"),
        pytest.param(written(subject="=?utf-8?q?x?= " * 70_000), id="70,000 encoded words"),
        pytest.param(written(to="a@b.example, " * 80_000), id="80,000 recipients"),
        pytest.param(written(References="<a@b> " * 200_000), id="200,000 references"),
        pytest.param(b"X: y\n" * 400_000 + written(), id="400,000 headers"),
        pytest.param(b"To: x\n" + b" folded\n" * 200_000 + written(), id="a folded megabyte"),
        pytest.param(written(text="--b\n" * 500_000, Content_Type="multipart/mixed; boundary=b"),
                     id="half a million parts"),
        pytest.param(written(text="\n" * 5_000_000), id="five million empty lines"),
        pytest.param(written(text="x" * 20_000_000), id="a line of 20 MB"),
        pytest.param(written(text="<div>" * 400_000, Content_Type="text/html"), id="400,000 divs"),
        pytest.param(written(text="<" * 2_000_000, Content_Type="text/html"), id="open brackets"),
        pytest.param(written(text="<!--" * 500_000, Content_Type="text/html"), id="open comments"),
        pytest.param(written(text="&#" + "9" * 500_000 + ";", Content_Type="text/html"),
                     id="an endless entity"),
        pytest.param(written(text="<a href=http://x>" * 100_000 + "</a>" * 100_000,
                             Content_Type="text/html"), id="nested links"),
        pytest.param(written(text="<a href=" + "'" * 500_000 + ">", Content_Type="text/html"),
                     id="an endless attribute"),
    ],
)  # fmt: skip
def test_no_mail_takes_long(raw: bytes) -> None:
    started = time.process_time()
    mail = parse(raw)
    assert time.process_time() - started < 8
    assert len(mail.text) <= 1_000_000
    assert len(mail.subject) <= 1_000


@pytest.mark.parametrize("charset", ["charset*=utf-8''latin-1", "charset*0=lat; charset*1=in-1"])
def test_a_charset_stated_in_pieces_breaks_no_bytes_beyond_ascii(charset: str) -> None:
    head = f"From: c@acme.example\nSubject: It hums\nContent-Type: text/plain; {charset}\n\n"
    assert parse(head.encode() + b"Gr\xfc\xdfe").text == "Gr\xfc\xdfe"


@pytest.mark.parametrize("wrong", [b"\x00", b"\x1b", b"\x7f"])
def test_what_no_database_stores_is_part_of_no_message_id(wrong: bytes) -> None:
    head = b"From: a@b.example\r\nMessage-ID: <a" + wrong + b"b@c>\r\nReferences: <d@e> <f"
    mail = parse(head + wrong + b"@g>\r\n\r\nHello")
    assert (mail.message_id, list(mail.thread)) == ("", ["<d@e>"])
