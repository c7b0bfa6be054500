"""Every address of the product, app by app."""

from django.contrib import admin
from django.urls import include, path

from tickets.people.accounts import kept_by_admins

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/email/", kept_by_admins),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("config.api")),
    path("", include("escalation.urls")),
    path("", include("kb.urls")),
    path("", include("tickets.urls")),
]
