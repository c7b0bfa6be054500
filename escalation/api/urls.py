"""Routes of the escalation floor's API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from escalation.api.views import (
    AuthorityViewSet,
    ClockViewSet,
    EscalationViewSet,
    TicketEscalationViewSet,
)
from escalation.api.workload import WorkloadViewSet

router = SimpleRouter()
router.register("workload", WorkloadViewSet, basename="api-workload")
router.register("escalations", EscalationViewSet, basename="api-escalation")

of_ticket = SimpleRouter()
of_ticket.register("clocks", ClockViewSet, basename="api-clock")
of_ticket.register("escalations", TicketEscalationViewSet, basename="api-ticket-escalation")

urlpatterns = [
    path("", include(router.urls)),
    path("tickets/<str:reference>/", include(of_ticket.urls)),
    path("tickets/<str:reference>/hand-over/", AuthorityViewSet.as_view({"post": "hand_over"})),
    path("tickets/<str:reference>/take-over/", AuthorityViewSet.as_view({"post": "take_over"})),
    path("tickets/<str:reference>/hand-back/", AuthorityViewSet.as_view({"post": "hand_back"})),
]
