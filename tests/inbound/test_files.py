import pytest

from tests.inbound.conftest import eml
from tickets.files import LARGEST, MOST_FILES, File, clean_name, refused_because, sorted_out
from tickets.inbound.parsing import parse


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\carla\\lamp.pdf", "lamp.pdf"),
        ("a\r\nX-Evil: yes\x00.txt", "a X-Evil_ yes.txt"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("Rechnung äö.pdf", "Rechnung äö.pdf"),
        ('<img src=x onerror="a">.png', "_img src=x onerror=_a__.png"),
        (".htaccess", "htaccess"),
        ("...", "file-3.bin"),
        ("", "file-3.bin"),
    ],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert clean_name(name, 3) == clean


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("n" * 500 + ".pdf", 1)
    assert len(name) <= 120
    assert name.endswith(".pdf")


@pytest.mark.parametrize(
    ("name", "content", "because"),
    [
        ("a.pdf", b"%PDF", ""),
        ("a.PDF", b"%PDF", ""),
        ("a.exe", b"x", "of a kind that is not accepted"),
        ("a.pdf.exe", b"x", "of a kind that is not accepted"),
        ("a.svg", b"x", "of a kind that is not accepted"),
        ("a.html", b"x", "of a kind that is not accepted"),
        ("pdf", b"x", "of a kind that is not accepted"),
        ("a.png", b"MZ\x90", "a program"),
        ("a.txt", b"#!/bin/sh", "a program"),
        ("a.zip", b"x" * (LARGEST + 1), "larger than 15 MB"),
    ],
)
def test_an_allow_list_decides(name: str, content: bytes, because: str) -> None:
    assert refused_because(File(name, content)) == because


def test_too_many_files_are_counted_not_kept() -> None:
    kept, refused = sorted_out(tuple(File(f"{n}.txt", b"x") for n in range(MOST_FILES + 2)))
    assert len(kept) == MOST_FILES
    assert refused == ["20.txt (one too many)", "21.txt (one too many)"]


def test_the_type_comes_from_the_name_not_from_the_sender() -> None:
    files = {file.name: file for file in parse(eml("bad_files")).files}
    assert files["picture.png"].content_type == "image/png"
    assert "winmail.dat" not in files
    kept, refused = sorted_out(tuple(files.values()))
    assert [file.name for file in kept][:1] == ["passwd.txt"]
    assert refused[:2] == [
        "setup.exe (of a kind that is not accepted)", "picture.png (a program)",
    ]  # fmt: skip
