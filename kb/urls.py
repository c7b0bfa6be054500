"""Addresses of the knowledge floor's pages."""

from django.urls import path

from kb.offers.views import deciding, panel
from kb.offers.views.ledger import ledger
from kb.scripts.views import many, own, starting, using
from kb.views import proposing, reading, suggesting

urlpatterns = [
    path("kb/", reading.articles, name="articles"),
    path("kb/about/calls/", reading.about_calls, name="articles-about-calls"),
    path("kb/new/article/", proposing.propose, name="article-propose"),
    path("kb/<slug:slug>/", reading.article, name="article"),
    path("kb/<slug:slug>/change/", proposing.change, name="article-change"),
    path("kb/<slug:slug>/publish/", proposing.publish, name="article-publish"),
    path("kb/<slug:slug>/set-aside/", proposing.set_aside, name="article-set-aside"),
    path("scripts/", own.own, name="own-scripts"),
    path("scripts/<int:pk>/", own.change, name="own-script"),
    path("scripts/<int:pk>/delete/", own.delete, name="own-script-delete"),
    path("templates/", starting.templates, name="templates"),
    path("templates/<int:pk>/", starting.start, name="template-use"),
    path("queue/bulk/macros/", many.choose, name="bulk-macros"),
    path("queue/bulk/macros/<int:pk>/", many.preview, name="bulk-macro"),
    path("offers/", ledger, name="offers-ledger"),
    path("tickets/<str:ref>/scripts/", using.panel, name="scripts-panel"),
    path("tickets/<str:ref>/scripts/<int:pk>/words/", using.words, name="script-words"),
    path("tickets/<str:ref>/macros/<int:pk>/", using.use_macro, name="macro-use"),
    path("tickets/<str:ref>/offer/scripts/", using.offer, name="ticket-offer-scripts"),
    path("tickets/<str:ref>/offer/articles/", suggesting.offer, name="ticket-offer-articles"),
    path("tickets/<str:ref>/scripts/keep/", own.keep, name="own-script-keep"),
    path("tickets/<str:ref>/articles/", suggesting.panel, name="articles-panel"),
    path("tickets/<str:ref>/articles/<slug:slug>/words/", suggesting.put_in, name="article-words"),
    path("calls/<int:pk>/scripts/", using.of_call, name="call-scripts"),
    path("tickets/<str:ref>/offers/", panel.panel, name="offers-panel"),
    path("tickets/<str:ref>/offers/make/", panel.make, name="offer-make"),
    path("tickets/<str:ref>/offers/<int:pk>/", deciding.one, name="offer"),
    path("tickets/<str:ref>/offers/<int:pk>/words/", panel.words, name="offer-words"),
    path("tickets/<str:ref>/offers/<int:pk>/told/", deciding.told, name="offer-told"),
    path("tickets/<str:ref>/offers/<int:pk>/approve/", deciding.approve, name="offer-approve"),
    path("tickets/<str:ref>/offers/<int:pk>/refuse/", deciding.refuse, name="offer-refuse"),
    path("tickets/<str:ref>/offers/<int:pk>/reverse/", deciding.reverse, name="offer-reverse"),
]
