"""Addresses of the knowledge floor's pages."""

from django.urls import path

from kb import views as articles
from kb.offers import views as offers
from kb.scripts import views as scripts

urlpatterns = [
    path("kb/", articles.articles, name="articles"),
    path("kb/about/calls/", articles.about_calls, name="articles-about-calls"),
    path("kb/<slug:slug>/", articles.article, name="article"),
    path("offers/", offers.ledger, name="offers-ledger"),
    path("tickets/<str:ref>/scripts/", scripts.panel, name="scripts-panel"),
    path("tickets/<str:ref>/macros/<int:pk>/", scripts.use_macro, name="macro-use"),
    path("tickets/<str:ref>/offer/scripts/", scripts.offer, name="ticket-offer-scripts"),
    path("tickets/<str:ref>/offer/articles/", articles.offer, name="ticket-offer-articles"),
    path("calls/<int:pk>/scripts/", scripts.of_call, name="call-scripts"),
    path("tickets/<str:ref>/offers/", offers.panel, name="offers-panel"),
    path("tickets/<str:ref>/offers/make/", offers.make, name="offer-make"),
    path("tickets/<str:ref>/offers/<int:pk>/", offers.one, name="offer"),
    path("tickets/<str:ref>/offers/<int:pk>/words/", offers.words, name="offer-words"),
    path("tickets/<str:ref>/offers/<int:pk>/approve/", offers.approve, name="offer-approve"),
    path("tickets/<str:ref>/offers/<int:pk>/refuse/", offers.refuse, name="offer-refuse"),
    path("tickets/<str:ref>/offers/<int:pk>/reverse/", offers.reverse, name="offer-reverse"),
]
