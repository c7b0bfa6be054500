"""Whom a note means by @name, as people type it: in any case, with a full stop or a bracket after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tickets.people.models import User

MOST = 20
# So many places are read, each as far as the longest name goes: a note is no work of a minute.
MOST_READ, LONGEST = 200, 310
_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,150})")
_AFTER = ".+-_"


@dataclass(slots=True)
class Mentions:
    """The colleagues meant, and a hint for each name that means nobody for certain."""

    people: list[User] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


def mentions_in(text: str) -> Mentions:
    """Reads every @name of ``text`` against all who work or worked here; one query, if any."""
    found, read = Mentions(), set()
    typed = {text[at : at + LONGEST]: token for token, at in _typed(text)}
    staff = list(User.objects.order_by("pk")) if typed else []
    for rest, token in list(typed.items())[:MOST_READ]:
        name, meant = _meant(token, rest, staff)
        if name.casefold() not in read:
            read.add(name.casefold())
            _sort(name, meant, found)
    if len(typed) > MOST_READ:
        found.hints.append(f"Only the first {MOST_READ} names after an @ were read.")
    return found


def _typed(text: str) -> Iterator[tuple[str, int]]:
    return ((each[1], each.start(1)) for each in _MENTION.finditer(text))


def _sort(name: str, meant: list[User], found: Mentions) -> None:
    here = [person for person in meant if person.is_active]
    if len(here) > 1:
        those = " or ".join(f"{person.name} (@{person.username})" for person in here[:4])
        found.hints.append(f"«@{name}» may be {those}: nobody was told.")
    elif meant and not here:
        found.hints.append(f"{meant[0].name} does not work here any more and was not told.")
    elif not meant:
        found.hints.append(f"Nobody here is called «@{name}», so nobody was told.")
    elif here[0] in found.people:
        return
    elif len(found.people) < MOST:
        found.people.append(here[0])
    else:
        found.hints.append(f"{here[0].name} was not told: one note tells {MOST} people at most.")


def _meant(token: str, rest: str, staff: list[User]) -> tuple[str, list[User]]:
    """The name as far as it is one, and who has it: by user name, else by whole or first name."""
    bare = token.rstrip(_AFTER)
    for name in dict.fromkeys((token, bare)):
        for exact in (str, str.casefold):
            if same := [each for each in staff if exact(each.username) == exact(name)]:
                return name, same
    whole = [each for each in staff if _begins(rest, each.name)]
    named = whole or [each for each in staff if _is_called(each, bare)]
    return bare or token, _preferring_those_here(named)


def _begins(text: str, name: str) -> bool:
    """«@Sue Miller, please» means her of all the Sues."""
    start = text[: len(name) + 1].casefold()
    return " " in name and start.startswith(name.casefold()) and not start[len(name) :].isalnum()


def _is_called(person: User, name: str) -> bool:
    return bool(name) and name.casefold() in {
        person.first_name.casefold(),
        person.name.replace(" ", "").casefold(),
    }


def _preferring_those_here(people: Iterable[User]) -> list[User]:
    """Of two Sues the one who left is not meant."""
    known = list(people)
    return [person for person in known if person.is_active] or known
