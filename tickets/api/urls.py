"""Routes of the tickets floor's API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tickets.api.absences import AbsenceViewSet
from tickets.api.views import HeldViewSet, MessageViewSet, TicketViewSet

router = SimpleRouter()
router.register("absences", AbsenceViewSet, basename="api-absence")
router.register("held", HeldViewSet, basename="api-held")
router.register("tickets", TicketViewSet, basename="api-ticket")

messages = SimpleRouter()
messages.register("messages", MessageViewSet, basename="api-message")

urlpatterns = [
    path("", include(router.urls)),
    path("tickets/<str:reference>/", include(messages.urls)),
]
