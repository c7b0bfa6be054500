"""Which files are kept that come by mail or go out with a reply, and under what name; pure.

An allow-list by the end of the name, a look at the first bytes for programs in disguise, and a
limit of size and number. What is left out is named, and stays in the original mail.
"""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tickets.inbound.headers import one_line

MOST_FILES = 20
HEAVIEST = 20 * 1024 * 1024  # of all that one reply takes along: mail servers refuse more
LARGEST = 15 * 1024 * 1024
# fmt: off
ALLOWED = frozenset({
    "7z", "avi", "bmp", "csv", "doc", "docx", "eml", "gif", "gz", "heic", "ics", "jpeg", "jpg",
    "json", "key", "log", "m4a", "md", "mov", "mp3", "mp4", "mpeg", "msg", "numbers", "odp", "ods",
    "odt", "ogg", "pages", "pcap", "pdf", "png", "ppt", "pptx", "rtf", "tar", "tif", "tiff", "txt",
    "vcf", "wav", "webm", "webp", "xls", "xlsx", "xml", "zip",
})
# fmt: on
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"\xce\xfa\xed\xfe",
)
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came: its name cleaned, its content untouched."""

    name: str
    content: bytes

    @property
    def content_type(self) -> str:
        """By the name alone, for show: what the sender claims is not believed."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def clean_name(name: str, number: int) -> str:
    """A name without folders, controls or turned letters, its ending kept when it is too long."""
    name = one_line(name.replace("\\", "/").rpartition("/")[2])
    name = re.sub(r"[<>:\"|?*%;&$`']", "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 12:
        name = f"{stem[: _LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}"
    return name[:_LONGEST_NAME].strip(" .") or f"file-{number}.bin"


def refused_because(file: File) -> str:
    """Why a file is not kept, or an empty string."""
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    if ending not in ALLOWED:
        return "of a kind that is not accepted"
    if len(file.content) > LARGEST:
        return f"larger than {LARGEST // 1024 // 1024} MB"
    if file.content.startswith(_PROGRAMS):
        return "a program"
    return ""


def sorted_out(files: tuple[File, ...]) -> tuple[list[File], list[str]]:
    """The files to keep, and a line for each that is not."""
    kept: list[File] = []
    refused: list[str] = []
    for file in files:
        because = refused_because(file) or ("one too many" if len(kept) >= MOST_FILES else "")
        if because:
            refused.append(f"{file.name} ({because})")
        else:
            kept.append(file)
    return kept, refused


def too_much(files: Sequence[File]) -> str:
    """Why a reply or a note cannot take these files along, or an empty string."""
    for file in files:
        if because := refused_because(file):
            return f"«{file.name}» is {because}: it cannot go along."
    if len(files) > MOST_FILES:
        return f"At most {MOST_FILES} files can go along."
    if sum(len(file.content) for file in files) > HEAVIEST:
        return f"Together the files are larger than {HEAVIEST // 1024 // 1024} MB."
    return ""
