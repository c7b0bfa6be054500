"""Where a reply ends and what it answers begins; pure, bounded in time.

The headers above quotes («On Monday … wrote:», «From: … Sent: …», in a dozen languages) are found
by mail-parser-reply's expression alone, in short lines of a bounded text: the whole parser takes
quadratic time and rewrites the words. When in doubt nothing is cut; the original is always kept.
"""

import re
from itertools import islice

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

LONGEST_LINE = 200
LONGEST_TEXT = 40_000
_HEADER: re.Pattern[str] = EmailMessage(text="", languages=list(MAIL_LANGUAGES)).HEADER_REGEX
_SEPARATOR = re.compile(r"\s*(?:[-_]{5,}.{0,60}[-_]{5,}|[_]{20,})\s*\Z")
_MOST_HEADERS = 40


def trimmed(text: str) -> str:
    """What is new in a reply; all of it when the answers stand among or below the quotes."""
    lines = text.split("\n")
    cut = _cut(lines)
    new = "\n".join(lines[:cut]).rstrip()
    return new if new.strip() and not _goes_on(lines[cut:]) else text


def _cut(lines: list[str]) -> int:
    probe = "\n".join(line.strip()[:LONGEST_LINE] for line in lines)[:LONGEST_TEXT]
    for found in islice(_HEADER.finditer(probe), _MOST_HEADERS):
        start = found.start() + len(found[0]) - len(found[0].lstrip("\n"))
        first = probe.count("\n", 0, start)
        last = probe.count("\n", 0, found.end())
        if _is_header(lines, first, last):
            return _with_separator(lines, first)
    return _trailing_quote(lines)


def _is_header(lines: list[str], first: int, last: int) -> bool:
    """A sentence such as «On Monday I wrote:» is one only above a quote."""
    block = [line for line in lines[first : last + 1] if line.strip()]
    fields = sum(bool(re.match(r"[>* ]*[^\s:]{1,20}(?: [^\s:]{1,20})?:", line)) for line in block)
    if fields >= 4 or (fields >= 2 and "@" in "".join(block)):
        return True
    following = next((line for line in lines[last + 1 :] if line.strip()), "")
    return following.lstrip().startswith(">") or any(_SEPARATOR.match(line) for line in block)


def _with_separator(lines: list[str], first: int) -> int:
    before = first - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return before if before >= 0 and _SEPARATOR.match(lines[before]) else first


def _trailing_quote(lines: list[str]) -> int:
    """Where the last unbroken run of quoted lines begins, if nothing but quotes follows it."""
    cut = len(lines)
    while cut and (not lines[cut - 1].strip() or lines[cut - 1].lstrip().startswith(">")):
        cut -= 1
    return cut


def _goes_on(rest: list[str]) -> bool:
    """Whether somebody wrote on below a quote; a signature there is not worth losing either."""
    filled = [line.lstrip() for line in rest if line.strip()]
    quoted = any(line.startswith(">") for line in filled)
    return quoted and not filled[-1].startswith(">")
