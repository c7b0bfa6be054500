"""What a new installation knows from the start. Installing twice changes nothing that exists."""

from datetime import datetime

from django.db import transaction

from kb.defaults.articles import ARTICLES
from kb.defaults.offers import install_offers
from kb.defaults.scripts import SCRIPTS
from kb.models import Article
from kb.scripts.models import Script
from kb.services import write_article


def install_defaults(*, now: datetime) -> None:
    """Articles, scripts, situations and offers; what an admin has renamed or changed stays."""
    with transaction.atomic():
        for slug, title, body in ARTICLES:
            if not Article.objects.filter(slug=slug).exists():
                write_article(title=title, body=body, slug=slug, state="published", now=now)
        for order, (kind, name, words) in enumerate(SCRIPTS):
            Script.objects.get_or_create(
                name=name, defaults={"kind": kind, "body": words, "order": order * 10}
            )
        install_offers()
