"""Addresses of this floor's pages."""

from django.urls import URLPattern, path

from escalation.views import board, clocks, entitlements, escalations, health, wall, workload

TICKET = "tickets/<str:ref>"

urlpatterns: list[URLPattern] = [
    path(f"{TICKET}/clocks/", clocks.panel, name="clocks-panel"),
    path(f"{TICKET}/clocks/<int:pk>/why/", clocks.why, name="clock-why"),
    path(f"{TICKET}/entitlements/", entitlements.panel, name="entitlements-panel"),
    path(f"{TICKET}/escalations/", escalations.panel, name="escalations-panel"),
    path(
        f"{TICKET}/escalations/<int:pk>/acknowledge/",
        escalations.acknowledge,
        name="escalation-acknowledge",
    ),
    path(f"{TICKET}/hand-over/", escalations.hand_over, name="ticket-hand-over"),
    path(f"{TICKET}/take-over/", escalations.take_over, name="ticket-take-over"),
    path(f"{TICKET}/hand-back/", escalations.hand_back, name="ticket-hand-back"),
    path("escalations/", board.board, name="escalations"),
    path("escalations/count/", board.count, name="escalations-count"),
    path("escalations/<str:ref>/acknowledge/", board.acknowledge, name="board-acknowledge"),
    path("escalations/<str:ref>/take-over/", board.take_over, name="board-take-over"),
    path("escalations/<str:ref>/hand-back/", board.hand_back, name="board-hand-back"),
    path("workload/", workload.workload, name="workload"),
    path("workload/share/", workload.share, name="workload-share"),
    path("workload/take-back/", workload.take_back, name="workload-take-back"),
    path("wall/", wall.wall, name="wall"),
    path("pulse/", health.banner, name="pulse"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
