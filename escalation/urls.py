"""Addresses of this floor's pages."""

from django.urls import URLPattern, path

from escalation.views import clocks, escalations, health

TICKET = "tickets/<str:ref>"

urlpatterns: list[URLPattern] = [
    path(f"{TICKET}/clocks/", clocks.panel, name="clocks-panel"),
    path(f"{TICKET}/clocks/<int:pk>/why/", clocks.why, name="clock-why"),
    path(f"{TICKET}/escalations/", escalations.panel, name="escalations-panel"),
    path(
        f"{TICKET}/escalations/<int:pk>/acknowledge/",
        escalations.acknowledge,
        name="escalation-acknowledge",
    ),
    path(f"{TICKET}/hand-over/", escalations.hand_over, name="ticket-hand-over"),
    path(f"{TICKET}/take-over/", escalations.take_over, name="ticket-take-over"),
    path(f"{TICKET}/hand-back/", escalations.hand_back, name="ticket-hand-back"),
    path("pulse/", health.banner, name="pulse"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
