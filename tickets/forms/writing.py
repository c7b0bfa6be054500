"""What is said on a ticket: replies, notes, lines of progress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import structlog
from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from tickets.files import HEAVIEST, File, clean_name, too_much
from tickets.forms.aside import NEVER, ReturnFields, offered_to
from tickets.forms.base import LONGEST_BODY, VersionedForm, in_order, meaning, text_area
from tickets.lifecycle import Status, allowed
from tickets.mentions import mentions_in
from tickets.models import Attachment, Ticket
from tickets.outbox import checking
from tickets.words import shown

log = structlog.get_logger(__name__)


class WordsForm(VersionedForm):
    """Has a body; browsers send CRLF, we keep LF."""

    body = forms.CharField(max_length=LONGEST_BODY)

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, read whole; ``File`` values, named as they are safe to keep."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        """Their sizes are asked before anything is read."""
        uploads = [*data] if isinstance(data, list | tuple) else [data] if data else []
        if sum(upload.size for upload in uploads) > HEAVIEST:
            raise ValidationError(f"Together the files are larger than {HEAVIEST >> 20} MB.")
        files = [
            File(clean_name(upload.name, number), upload.read())
            for number, upload in enumerate(uploads, 1)
        ]
        if because := too_much(files):
            raise ValidationError(because)
        return files


class FilesForm(WordsForm):
    """Words and the files that go along with them."""

    attachments = FilesField(label="Attach files", required=False)


class AnsweringForm(WordsForm):
    """For the customer, and so from who has read what was said before: ``seen`` is the newest."""

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)


class ReplyForm(ReturnFields, AnsweringForm, FilesForm):
    key = "reply"
    body = forms.CharField(
        label="Your reply", max_length=LONGEST_BODY, widget=text_area(8), strip=True,
        error_messages={"required": "Write something to send."},
    )  # fmt: skip
    cc = forms.CharField(
        label="Copy to (Cc)", required=False, max_length=1000,
        help_text="E-mail addresses, with commas between them.",
    )  # fmt: skip
    # Marks of the words that were put into the draft, as far as the page has shown them.
    shown = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    status_after = forms.ChoiceField(label="Then the ticket is", required=False)
    # Files of a reply that was recalled here: they go along again, unless they are left out.
    enclosed = forms.MultipleChoiceField(
        label="Goes along again", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "A file of the recalled reply is not to be had any more."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(data, ticket=ticket, **kwargs)
        self.fields["status_after"].choices = [  # type: ignore[attr-defined]
            ("", "as it is now"),
            *((each.value, meaning(each)) for each in in_order(allowed(ticket.status))
              if each is not Status.CLOSED),
        ]  # fmt: skip
        # A reply that leaves later can set another time, not take one away.
        self.fields["comes_back"].choices = [  # type: ignore[attr-defined]
            pair for pair in offered_to(ticket) if pair[0] != NEVER
        ]
        self.say_why_not("status_after")
        self._recalled = _recalled(ticket, self["enclosed"].value() or [])
        self.fields["enclosed"].choices = [  # type: ignore[attr-defined]
            (each.pk, f"{shown(each.name)} ({filesizeformat(each.size)})")
            for each in self._recalled
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.settle_return(said.get("status_after") or self.ticket.status)
        if "enclosed" in said and "attachments" in said:
            self._enclose(said)
        return said

    @property
    def again(self) -> list[Attachment]:
        """The files of the recalled reply that are still to go along."""
        ticked = {str(each) for each in self["enclosed"].value() or []}
        return [each for each in self._recalled if str(each.pk) in ticked]

    def _enclose(self, said: dict[str, Any]) -> None:
        """The files of the recalled reply before those that were chosen now."""
        try:
            files = [File(each.name, _read(each)) for each in self.again]
        except Exception:  # each kind of storage raises its own
            log.exception("An attachment's file cannot be read", ticket=self.ticket.reference)
            self.add_error("enclosed", "A file of the recalled reply is not where it was stored.")
            return
        said["attachments"] = [*files, *said["attachments"]]
        if because := too_much(said["attachments"]):
            self.add_error("attachments", because)

    def clean_cc(self) -> list[str]:
        addresses = [each.strip().lower() for each in re.split(r"[,;\s]+", self.cleaned_data["cc"])]
        addresses = list(dict.fromkeys(filter(None, addresses)))
        if len(addresses) > 20:
            raise ValidationError("At most 20 people can get a copy.")
        for address in addresses:
            checking.validate(address)
        return addresses


def _read(file: Attachment) -> bytes:
    with file.file.open("rb") as opened:
        content: bytes = opened.read()
    return content


def _recalled(ticket: Ticket, numbers: Sequence[Any]) -> list[Attachment]:
    """Those of ``numbers`` that went along with a reply which was taken back on this ticket."""
    wanted = {int(each) for each in numbers if str(each).isascii() and str(each).isdigit()
              and len(str(each)) < 19}  # fmt: skip
    if not wanted:
        return []
    rows = Attachment.objects.filter(pk__in=wanted, message__ticket=ticket, message__kind="reply")
    return [*rows.filter(message__mail__state="recalled").order_by("pk")]


class NoteForm(FilesForm):
    key = "note"
    body = forms.CharField(
        label="Internal note", max_length=LONGEST_BODY, widget=text_area(5),
        help_text="Only staff see this. @name tells a colleague.",
        error_messages={"required": "Write something to note."},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """``mentions`` are the colleagues named by @name, and hints on who may be meant."""
        said = super().clean() or {}
        said["mentions"] = mentions_in(said.get("body", ""))
        return said


class ProgressForm(AnsweringForm):
    key = "progress"
    body = forms.CharField(
        label="Progress line", max_length=500, widget=text_area(2),
        help_text="One line of what is being done, such as «With engineering since 10:40».",
        error_messages={"required": "Write what is being done."},
    )  # fmt: skip


class SendNowForm(VersionedForm):
    """A held reply as its page has shown it: the version of its words, and the newest message."""

    key = "sendnow"
    is_of_the_ticket = False
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)


class EditHeldForm(WordsForm):
    key = "held"
    is_of_the_ticket = False
    body = forms.CharField(label="The words", max_length=LONGEST_BODY, widget=text_area(12))
