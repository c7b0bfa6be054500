"""The floor: a bare view that renders 50 rows from one indexed query."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from tickets.models import Ticket

TEMPLATE = engines["django"].from_string(
    "<!doctype html><title>Floor</title><table>{% for ticket in tickets %}<tr>"
    '<td><a href="/tickets/{{ ticket.reference }}/">{{ ticket.reference }}</a></td>'
    "<td>{{ ticket.subject }}</td><td>{{ ticket.status }}</td><td>{{ ticket.priority }}</td>"
    "<td>{{ ticket.opened_at }}</td><td>{{ ticket.next_due_at }}</td></tr>{% endfor %}</table>"
)


def floor(request: HttpRequest) -> HttpResponse:
    tickets = list(Ticket.objects.active().order_by("next_due_at", "id")[:50])
    return HttpResponse(TEMPLATE.render({"tickets": tickets}, request))


urlpatterns = [path("floor/", floor), path("", include("config.urls"))]
