"""The articles that fit a ticket best, by the words of its subject and of the customer's last message.

The same words, weights and order on every database: they stand in a table of their own, written
with each revision, so that nothing is read but the rows of the words asked for.
"""

from __future__ import annotations

from django.db.models import Case, Count, F, FloatField, Max, Q, Sum, Value, When

from kb.fitting import rarity, stems
from kb.models import Article, ArticleWord
from tickets.models import Message, Ticket

MOST = 5
# What of a long message is looked at, and by how many of its rarest words is asked.
_READ, _ASKED, _TELLING = 5_000, 300, 40
# Beside one that fits well, one that hardly does is noise.
_LEAST = 0.35


def suggested(ticket: Ticket) -> list[Article]:
    """The published articles that fit ``ticket``, best first, each with its text as ``body``.

    One fits that shares two words with it, or has a word of the subject in its title. Words that
    most articles have count for nothing. A fixed number of queries.
    """
    subject = list(dict.fromkeys(stems(ticket.subject)))
    wanted = list(dict.fromkeys([*subject, *stems(_last_words(ticket))]))[:_ASKED]
    telling = _telling(wanted)
    if not telling:
        return []
    found = _ranked(telling, [word for word in subject if word in telling])
    best = [pk for pk, strength in found if strength >= found[0][1] * _LEAST]
    rows = Article.objects.with_body().in_bulk(best)
    return [rows[pk] for pk in best if pk in rows]


def _last_words(ticket: Ticket) -> str:
    said = ticket.messages.filter(kind=Message.Kind.CUSTOMER).order_by("-at", "-pk")
    return (said.values_list("body", flat=True).first() or "")[:_READ]


def _telling(words: list[str]) -> dict[str, float]:
    """Those of ``words`` that some published articles have and not most, with how rare they are."""
    total = Article.objects.published().count()
    having = ArticleWord.objects.filter(article__state="published", word__in=words)
    counted = having.order_by().values_list("word").annotate(articles=Count("pk"))
    rare = {word: rarity(number, total) for word, number in counted if number * 2 <= total + 1}
    return dict(sorted(rare.items(), key=lambda pair: (-pair[1], pair[0]))[:_TELLING])


def _ranked(telling: dict[str, float], subject: list[str]) -> list[tuple[int, float]]:
    worth = Case(
        *(When(words__word=word, then=Value(value)) for word, value in telling.items()),
        output_field=FloatField(),
    )
    titled = Q(words__is_in_title=True, words__word__in=subject)
    found = (
        Article.objects.published()
        .filter(words__word__in=telling)
        .annotate(
            strength=Sum(F("words__weight") * worth),
            shared=Count("words"),
            titled=Max(Case(When(titled, then=1), default=0)),
        )
        .filter(Q(shared__gte=2) | Q(titled=1))
    )
    rows = found.order_by("-strength", "title", "pk").values_list("pk", "strength")
    return list(rows[:MOST])
