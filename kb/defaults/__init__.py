"""What a new installation knows from the start. Installing twice changes nothing that exists."""

from datetime import datetime

from django.db import transaction

from kb.defaults.articles import ARTICLES
from kb.defaults.offers import install_offers
from kb.defaults.scripts import install_scripts
from kb.models import Article
from kb.services import write_article


def install_defaults(*, now: datetime) -> None:
    """Adds articles that are missing; scripts, macros, templates and offers where there is none of them yet.

    What an admin changed or renamed stays; only an article that was deleted comes back: retire it.
    """
    with transaction.atomic():
        for slug, title, body in ARTICLES:
            if not Article.objects.filter(slug=slug).exists():
                write_article(title=title, body=body, slug=slug, state="published", now=now)
        install_scripts()
        install_offers()
