"""A small named cast and a fixed now, shared by every test."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from hypothesis import settings

from tests.upgrading import Upgrade
from tickets.models import Category
from tickets.people.models import Contact, Membership, Organization, Team, Tier, User

# Hypothesis draws the same examples in every run, without a stop-watch on a busy machine, and writes
# nothing into the tree. New ones are looked for with `pytest --hypothesis-profile=search`.
settings.register_profile(
    "repeatable", max_examples=60, derandomize=True, deadline=None, database=None
)
settings.register_profile("search", max_examples=2000, deadline=None, database=None)
settings.load_profile("repeatable")

# Tuesday 3 March 2026, 09:00 in New York.
NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _nothing_counted_within_the_process() -> None:
    """Attempts to log in, say, are counted for each test anew; a database takes its rows back."""
    if isinstance(caches["default"], LocMemCache):
        cache.clear()


@pytest.fixture
def upgrade(db: None) -> Iterator[Upgrade]:
    """Moves between migrations; afterwards the database is at the newest again."""
    moves = Upgrade()
    yield moves
    moves.to_the_newest()


def _user(username: str, role: str, *teams: Team, leads: bool = False, **fields: object) -> User:
    user = User.objects.create(
        username=username,
        email=f"{username}@company.example",
        first_name=username.capitalize(),
        role=role,
        **fields,
    )
    for team in teams:
        Membership.objects.create(user=user, team=team, leads=leads)
    return user


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """Two teams, seven people, two customers, three categories.

    Support: Ana and Ben (agents), Sue (supervisor). Billing: Bo (agent), Stan (supervisor).
    Eve is an executive, Max an expert, Ada the admin. Carla (gold tier, of Acme) and Carl
    (no organisation) are customers.
    """
    support = Team.objects.create(name="Support", is_default=True)
    billing = Team.objects.create(name="Billing")
    gold = Tier.objects.create(name="Gold", rank=20)
    acme = Organization.objects.create(name="Acme", tier=gold)
    return SimpleNamespace(
        support=support,
        billing=billing,
        ana=_user("ana", "agent", support),
        ben=_user("ben", "agent", support),
        sue=_user("sue", "supervisor", support, leads=True),
        bo=_user("bo", "agent", billing),
        stan=_user("stan", "supervisor", billing, leads=True),
        eve=_user("eve", "executive"),
        max=_user("max", "expert"),
        ada=_user("ada", "admin", is_staff=True, is_superuser=True),
        gold=gold,
        acme=acme,
        carla=Contact.objects.create(
            name="Carla Customer", email="carla@acme.example", organization=acme
        ),
        carl=Contact.objects.create(name="Carl", email="carl@home.example"),
        question=Category.objects.create(
            name="Product question", nature="question", is_default=True
        ),
        management=Category.objects.create(name="Management decision", nature="management"),
        suggestion=Category.objects.create(name="Suggestion", nature="suggestion"),
    )
