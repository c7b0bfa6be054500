"""What the OpenAPI description says of refusals: every answer below 500 that a caller may meet."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

PAGING = {"cursor", "page_size"}


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal in one sentence."""

    detail = serializers.CharField(read_only=True)


REFUSALS = {
    400: OpenApiResponse(OpenApiTypes.OBJECT, description="A field is wrong; the answer names it."),
    403: OpenApiResponse(ProblemSerializer, description="You may see the ticket, but not do this."),
    404: OpenApiResponse(
        ProblemSerializer, description="There is no such thing, or it is not yours to see."
    ),
    409: OpenApiResponse(ProblemSerializer, description="It has changed in the meantime."),
}
SEEN = {404: REFUSALS[404]}


def refuse_alike(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Adds what every endpoint of a kind refuses, so that no endpoint has to say it again."""
    for operations in result["paths"].values():
        for operation in operations.values():
            for code, text in _refused(operation):
                operation["responses"].setdefault(code, _told(text))
    return result


def _refused(operation: dict[str, Any]) -> list[tuple[str, str]]:
    asked = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
    found = [
        ("401", "No token, no session, or an account that is not active."),
        ("406", "An answer in another form than JSON was asked for."),
    ]
    if asked - PAGING:
        found.append(("400", "A filter is wrong; the answer names it."))
    if "cursor" in asked:
        found.append(("404", "The cursor leads nowhere, or there is no such ticket for you."))
    if "requestBody" in operation:
        found += [("413", "The body is too large."), ("415", "The body is not JSON.")]
    return found


def _told(text: str) -> dict[str, Any]:
    shape = {"$ref": "#/components/schemas/Problem"} if "filter" not in text else {"type": "object"}
    return {"description": text, "content": {"application/json": {"schema": shape}}}
