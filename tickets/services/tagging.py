"""Tags by name: found or made, whatever their case."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from tickets.errors import Invalid
from tickets.models import Tag
from tickets.services import words

MOST_TAGS = 30


def must_be_few(count: int) -> None:
    """Raises Invalid for more tags than a ticket may have."""
    if count > MOST_TAGS:
        raise Invalid(f"A ticket has at most {MOST_TAGS} tags.", "tags")


def tags_named(names: Iterable[str]) -> list[Tag]:
    """The tags of these names, made where missing. Raises Invalid for what cannot be a tag."""
    wanted = _by_key(names)
    must_be_few(len(wanted))
    found = _known(wanted)
    return [found.get(key) or _made(name) for key, name in wanted.items()]


def as_kept(names: Iterable[str]) -> list[str]:
    """Each name once, whatever its case, and spelled as its tag is where there is one; makes none.
    Raises Invalid for what cannot be a tag."""
    wanted = _by_key(names)
    found = _known(wanted)
    return [found[key].name if key in found else name for key, name in wanted.items()]


def _by_key(names: Iterable[str]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for name in map(words.tag, names):
        wanted.setdefault(name.lower(), name)
    return wanted


def _known(wanted: dict[str, str]) -> dict[str, Tag]:
    if not wanted:
        return {}
    known = Tag.objects.annotate(plain=Lower("name")).filter(plain__in=list(wanted))
    return {tag.name.lower(): tag for tag in known}


def _made(name: str) -> Tag:
    try:
        with transaction.atomic():
            return Tag.objects.create(name=name)
    except IntegrityError:  # somebody made it just now, or the database folds its case differently
        return Tag.objects.get(name__iexact=name)
