"""Every address of the product, app by app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from tickets.people.accounts import kept_by_admins

admin.site.site_header = admin.site.site_title = "Helpdesk administration"
admin.site.index_title = "What can be configured"

# One door for everybody: the one that counts guesses.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "tickets.views.refused.bad_request"
handler403 = "tickets.views.refused.not_allowed"
handler404 = "tickets.views.refused.not_found"
handler500 = "tickets.views.refused.broken"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/email/", kept_by_admins),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("config.api")),
    path("", include("escalation.incidents.urls")),
    path("", include("escalation.urls")),
    path("", include("kb.urls")),
    path("", include("tickets.urls")),
]
