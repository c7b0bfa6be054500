"""How a request's body becomes data: JSON in UTF-8, bounded, refused in words where it is not."""

import json
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer


class TooLarge(APIException):
    """413: read no further than the product's own bound."""

    status_code = 413
    default_code = "too_large"


class JsonParser(BaseParser):
    """DRF's own reads any amount, trusts the stated charset and breaks on a deep nest."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise TooLarge(f"The body is larger than {most:,} bytes.")
        try:
            return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        except RecursionError as problem:
            raise ParseError("The body is nested too deeply.") from problem
        except ValueError as problem:
            raise ParseError(f"The body is not JSON in UTF-8: {problem}") from problem


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
