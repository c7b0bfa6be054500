"""Refusals of the services as HTTP answers that say what was wrong and where."""

from typing import Any

from rest_framework.exceptions import APIException, NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from tickets.access import NoSuchTicket, NotAllowed
from tickets.errors import Conflict, Invalid, ServiceRefused, TooLate


class RefusedNow(APIException):
    """409: the request was well formed, but the thing has changed in the meantime."""

    status_code = 409
    default_code = "conflict"


def handle(problem: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, taught the product's own refusals."""
    return exception_handler(_translated(problem), context)


def _translated(problem: Exception) -> Exception:
    if isinstance(problem, Conflict | TooLate):
        return RefusedNow(detail=str(problem))
    if isinstance(problem, Invalid) and problem.field:
        return ValidationError({problem.field: [str(problem)]})
    if isinstance(problem, ServiceRefused):
        return ValidationError({"non_field_errors": [str(problem)]})
    if isinstance(problem, NoSuchTicket):
        return NotFound()
    if isinstance(problem, NotAllowed):
        return PermissionDenied(detail=str(problem) or None)
    return problem
