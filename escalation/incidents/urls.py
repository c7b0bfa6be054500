"""Addresses of the incidents' pages: the desk's, and those that everybody reads."""

from django.urls import URLPattern, path

from escalation.incidents.views import (
    declaring,
    feed,
    listing,
    many,
    page,
    panel,
    status,
    subscribing,
)

TICKET = "tickets/<str:ref>/incidents"

urlpatterns: list[URLPattern] = [
    path("incidents/", listing.incidents, name="incidents"),
    path("incidents/new/", declaring.new, name="incident-new"),
    path("incidents/<int:pk>/", page.incident, name="incident"),
    path("incidents/<int:pk>/say/", page.say, name="incident-say"),
    path("incidents/<int:pk>/change/", declaring.change, name="incident-change"),
    path("incidents/<int:pk>/link/", page.link, name="incident-link"),
    path("queue/bulk/incidents/", many.choose, name="bulk-incidents"),
    path("queue/bulk/incidents/<int:pk>/", many.preview, name="bulk-incident"),
    path("queue/bulk/incidents/<int:pk>/link/", many.link, name="bulk-incident-link"),
    path(f"{TICKET}/", panel.panel, name="incidents-panel"),
    path(f"{TICKET}/<int:pk>/link/", panel.link, name="ticket-incident-link"),
    path(f"{TICKET}/<int:pk>/unlink/", panel.unlink, name="ticket-incident-unlink"),
    path("status/", status.status, name="status"),
    path("status/feed/", feed.feed, name="status-feed"),
    path("status/<int:pk>/", status.incident, name="status-incident"),
    path("status/subscribe/", subscribing.subscribe, name="status-subscribe"),
    path("status/confirm/<str:token>/", subscribing.confirm, name="status-confirm"),
    path("status/unsubscribe/<str:token>/", subscribing.unsubscribe, name="status-unsubscribe"),
]
