"""Parameters of a part are read as the library reads them, but in linear time."""

import time
from email.message import Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.inbound.parsing import parse
from tickets.inbound.parts import LONGEST_OF_CONTENT, MOST_HEADERS, Part

PIECES = st.sampled_from(
    ["text/plain", ";", ' name="', "name=", "NAME=x", "*0", "*1*", "*", "=", '"', "\\", '\\"', "utf-8''%41",
     " ", "\t", "a", "charset=latin-1", "boundary=b"]
)  # fmt: skip


def read(kind: type[Message], header: str, name: str) -> Any:
    part = kind()
    part["Content-Type"] = header
    try:
        return part.get_param(name)
    except (TypeError, ValueError) as problem:  # numbered and unnumbered pieces of one value
        return type(problem)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_a_parameter_is_what_the_library_says(header: str) -> None:
    for name in ("name", "charset", "boundary", "text/plain", "a"):
        assert read(Part, header, name) == read(Message, header, name)


def of_parts(*heads: str) -> bytes:
    parts = "".join(f"--b\n{head}\n\nWords.\n" for head in heads)
    head = "From: c@acme.example\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    return f"{head}{parts}--b--\n".encode()


@pytest.mark.parametrize(
    "raw",
    [
        of_parts('Content-Type: text/plain; name="' + ";" * 1_000_000),
        of_parts('Content-Type: multipart/mixed; name="' + ";" * 1_000_000),
        of_parts('Content-Disposition: attachment; filename="' + ";" * 1_000_000),
        of_parts('Content-Type: text/plain; charset="é' + ";" * 1_000_000),
        of_parts("Content-Type: text/plain;\n" + ' "a;\n' * 200_000),
        of_parts("Content-Type: text/plain; " + "a=b;" * 200_000),
        of_parts(*['Content-Type: text/plain; name="' + ";" * 4_000] * 300),
        of_parts(*["Content-Type: text/plain; name*9999=" + ";name*1=x" * 400] * 300),
        of_parts(*['Content-Type: multipart/mixed; boundary=c; name="' + ";" * 4_000] * 400),
        of_parts('Content-Type: message/rfc822\n\nContent-Type: text/plain; a="' + ";" * 1_000_000),
        of_parts("A: b\n" * 300_000 + "Content-Type: text/plain"),
        b'From: c@acme.example\nContent-Type: multipart/report; x="' + b";" * 60_000 + b"\n\nx",
    ],
    ids=range(12),
)
def test_no_header_of_a_part_takes_long(raw: bytes) -> None:
    started = time.process_time()
    parse(raw)
    assert time.process_time() - started < 4


@pytest.mark.parametrize("blanks", [" " * 9, "\t" * 5, "\n\t\n    "])
def test_a_boundary_far_from_its_sign_is_counted_like_any_other(blanks: str) -> None:
    levels = "".join(
        f"--b{n}\nContent-Type: multipart/mixed; boundary{blanks}=b{n + 1}\n\n" for n in range(90)
    )
    head = f"From: c@acme.example\nContent-Type: multipart/mixed; boundary{blanks}=b0\n\n"
    raw = (head + levels + "\n" * 1_000_000).encode()
    started = time.process_time()
    assert parse(raw).text.startswith("--b0")
    assert time.process_time() - started < 4


def test_endless_headers_of_a_part_are_cut() -> None:
    part = Part()
    part.set_raw("Content-Type", "x" * 100_000)
    for _ in range(2 * MOST_HEADERS):
        part.set_raw("A", "b")
    assert len(part.get_content_type() and str(part["content-type"])) == LONGEST_OF_CONTENT
    assert len(part) == MOST_HEADERS


def test_a_name_in_bare_bytes_is_read() -> None:
    head = b"From: c@acme.example\nContent-Type: application/pdf; "
    mail = parse(head + 'name="Übersicht; März.pdf"\n\n%PDF'.encode())
    assert [file.name for file in mail.files] == ["Übersicht_ März.pdf"]
