"""Routes of the telephone's API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tickets.calls.api.views import CallbackViewSet, CallViewSet

router = SimpleRouter()
router.register("calls", CallViewSet, basename="api-call")
router.register("callbacks", CallbackViewSet, basename="api-callback")

urlpatterns = [path("", include(router.urls))]
