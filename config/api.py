"""The REST API: every floor's routes, the schema and its page served from here."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Scripts apart from the page, and a head without styles of its own: the strict policy holds.
docs = SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api/docs.html")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", login_required(docs), name="api-docs"),
    path("", include("tickets.api.urls")),
    path("", include("tickets.calls.api.urls")),
    path("", include("kb.offers.api.urls")),
    path("", include("escalation.api.urls")),
]
