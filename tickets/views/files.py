"""Files that came along with messages: fetched as downloads; proven pictures drawn besides."""

import structlog
from csp.constants import NONE
from csp.decorators import csp
from django.contrib.auth.decorators import login_required
from django.core.files import File
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tickets.access import ticket_for
from tickets.models import Attachment
from tickets.pictures import LONGEST_SIGN, may_be_picture, picture_type
from tickets.views.reasons import FileMissing
from tickets.views.signed_in import reader
from tickets.words import shown

log = structlog.get_logger(__name__)
_GONE = "The file «{}» is not where it was stored. Ask whoever runs this helpdesk to look for it."
_NO_PICTURE = "This file is no picture that could be shown: fetch it instead."


@login_required
@require_safe
def attachment(request: HttpRequest, ref: str, pk: int) -> FileResponse:
    """Always a download of unnamed bytes, whatever the sender called it."""
    found = _found(request, ref, pk)
    return FileResponse(
        _opened(found), as_attachment=True, filename=found.name,
        content_type="application/octet-stream",
    )  # fmt: skip


@login_required
@require_safe
@csp({"default-src": [NONE], "sandbox": True})  # type: ignore[arg-type]
@cache_control(private=True, max_age=3600)
def picture(request: HttpRequest, ref: str, pk: int) -> FileResponse:
    """What its first bytes prove to be a picture, for the page to draw; opened by itself it is a
    download like any file. Everything else is not found."""
    found = _found(request, ref, pk)
    if not may_be_picture(found.name, found.size):
        raise Http404(_NO_PICTURE)
    content = _opened(found)
    kind = picture_type(content.read(LONGEST_SIGN))
    if not kind:
        raise Http404(_NO_PICTURE)
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=found.name, content_type=kind)


def _found(request: HttpRequest, ref: str, pk: int) -> Attachment:
    ticket = ticket_for(reader(request), ref)
    return get_object_or_404(Attachment, pk=pk, message__ticket=ticket)


def _opened(found: Attachment) -> File[bytes]:
    try:
        return found.file.open("rb")
    except OSError as problem:
        log.exception("An attachment's file is missing", attachment=found.pk)
        raise FileMissing(_GONE.format(shown(found.name))) from problem
