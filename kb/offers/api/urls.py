"""Routes of the offers' API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from kb.offers.api.views import GrantViewSet, OfferViewSet

grants = SimpleRouter()
grants.register("grants", GrantViewSet, basename="api-grant")

urlpatterns = [
    path("tickets/<str:reference>/offers/", OfferViewSet.as_view({"get": "list"})),
    path("tickets/<str:reference>/", include(grants.urls)),
]
