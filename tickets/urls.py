"""Addresses of this floor's pages."""

from django.urls import URLPattern, path

from tickets.calls import views as calls
from tickets.views import absences, drafts, opening, page, queue, sorting, writing

urlpatterns: list[URLPattern] = [
    path("", queue.queue, name="queue"),
    path("search/", queue.search, name="search"),
    path("absences/", absences.page, name="absences"),
    path("absences/<int:pk>/end/", absences.end, name="absence-end"),
    path("tickets/new/", opening.new_ticket, name="ticket-new"),
    path("tickets/<str:ref>/", page.ticket, name="ticket"),
    path("tickets/<str:ref>/reply/", writing.reply, name="ticket-reply"),
    path("tickets/<str:ref>/note/", writing.note, name="ticket-note"),
    path("tickets/<str:ref>/progress/", writing.progress, name="ticket-progress"),
    path("tickets/<str:ref>/calls/", calls.log, name="ticket-call"),
    path("tickets/<str:ref>/messages/<int:pk>/", writing.whole_message, name="ticket-message"),
    path("tickets/<str:ref>/messages/<int:pk>/edit/", writing.edit_held, name="ticket-edit-held"),
    path("tickets/<str:ref>/messages/<int:pk>/recall/", writing.recall, name="ticket-recall"),
    path("tickets/<str:ref>/messages/<int:pk>/send-now/", writing.send_now, name="ticket-send-now"),
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
]
