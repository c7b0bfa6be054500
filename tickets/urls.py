"""Addresses of this floor's pages."""

from django.urls import URLPattern, path

from tickets.calls.views import bar, callers, live, logs, phone
from tickets.views import drafts, mentioned, opening, page, queue, sorting, writing

urlpatterns: list[URLPattern] = [
    path("", queue.queue, name="queue"),
    path("search/", queue.search, name="search"),
    path("tickets/new/", opening.new_ticket, name="ticket-new"),
    path("tickets/<str:ref>/", page.ticket, name="ticket"),
    path("tickets/<str:ref>/reply/", writing.reply, name="ticket-reply"),
    path("tickets/<str:ref>/note/", writing.note, name="ticket-note"),
    path("tickets/<str:ref>/progress/", writing.progress, name="ticket-progress"),
    path("tickets/<str:ref>/calls/", logs.log, name="ticket-call"),
    path("tickets/<str:ref>/phone/", logs.panel, name="calls-panel"),
    path("tickets/<str:ref>/callbacks/<int:pk>/withdraw/", logs.withdraw, name="callback-withdraw"),
    path("tickets/<str:ref>/messages/<int:pk>/", writing.whole_message, name="ticket-message"),
    path("tickets/<str:ref>/messages/<int:pk>/edit/", writing.edit_held, name="ticket-edit-held"),
    path("tickets/<str:ref>/messages/<int:pk>/recall/", writing.recall, name="ticket-recall"),
    path("tickets/<str:ref>/messages/<int:pk>/send-now/", writing.send_now, name="ticket-send-now"),
    path("tickets/<str:ref>/offer/people/", mentioned.offer, name="ticket-offer-people"),
    path("tickets/<str:ref>/drafts/<str:kind>/", drafts.keep, name="ticket-draft"),
    path("tickets/<str:ref>/files/<int:pk>/", writing.attachment, name="ticket-attachment"),
    path("tickets/<str:ref>/properties/", sorting.properties, name="ticket-properties"),
    path("tickets/<str:ref>/take/", sorting.take, name="ticket-take"),
    path("tickets/<str:ref>/subject/", sorting.subject, name="ticket-subject"),
    path("tickets/<str:ref>/tags/", sorting.tags, name="ticket-tags"),
    path("tickets/<str:ref>/follow/", sorting.follow, name="ticket-follow"),
    path("tickets/<str:ref>/unfollow/", sorting.unfollow, name="ticket-unfollow"),
    path("tickets/<str:ref>/link/", sorting.link, name="ticket-link"),
    path("tickets/<str:ref>/merge/", sorting.merge, name="ticket-merge"),
    path("tickets/<str:ref>/split/", sorting.split, name="ticket-split"),
    path("calls/", phone.phone, name="phone"),
    path("calls/start/", phone.start, name="call-start"),
    path("calls/bar/", bar.bar, name="call-bar"),
    path("calls/callers/", callers.look, name="callers"),
    path("calls/<int:pk>/", live.call, name="call"),
    path("calls/<int:pk>/now/", live.now, name="call-now"),
    path("calls/<int:pk>/hold/", live.hold, name="call-hold"),
    path("calls/<int:pk>/back/", live.back, name="call-back"),
    path("calls/<int:pk>/draft/", live.draft, name="call-draft"),
    path("calls/<int:pk>/attach/", live.attach, name="call-attach"),
    path("calls/<int:pk>/ticket/", callers.new_ticket, name="call-ticket"),
    path("calls/<int:pk>/pass-on/", live.pass_on, name="call-pass-on"),
    path("calls/<int:pk>/finish/", live.finish, name="call-finish"),
    path("contacts/<int:pk>/calls/", phone.of_contact, name="contact-calls"),
]
