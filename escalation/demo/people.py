"""Northlight's staff, teams, customers, products and orders."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from tickets.models import Category
from tickets.people.models import (
    Contact,
    ExchangeRate,
    Membership,
    Order,
    Organization,
    Product,
    Skill,
    System,
    Team,
    Tier,
    User,
)

PASSWORD = "promise-kept"  # noqa: S105  a local demonstration's, printed for the visitor
ZONE = "America/New_York"

# username, first and last name, role, team, leads
STAFF = [
    ("ana", "Ana", "Okafor", "agent", "Support", False),
    ("ben", "Ben", "Lindqvist", "agent", "Support", False),
    ("chloe", "Chloé", "Marchetti", "agent", "Support", False),
    ("dev", "Dev", "Raman", "agent", "Support", False),
    ("sue", "Sue", "Halloran", "supervisor", "Support", True),
    ("bo", "Bo", "Nakamura", "agent", "Orders and billing", False),
    ("iris", "Iris", "Petrova", "agent", "Orders and billing", False),
    ("stan", "Stan", "Whitfield", "supervisor", "Orders and billing", True),
    ("tess", "Tess", "Adeyemi", "agent", "Technical", False),
    ("max", "Max", "Engel", "expert", "Technical", False),
    ("eve", "Eve", "Castellanos", "executive", "", False),
    ("admin", "Ada", "Brandt", "admin", "", False),
]

NOTES = {
    "Hotel Meridian": "After 18:00 ask for the night manager. Never send a technician between "
    "check-in and dinner.",
}
PRODUCTS = [
    ("Aurora lamp", "Dimmable table lamp with a wake-up light."),
    ("Beacon outdoor light", "Weatherproof path light with a motion sensor."),
    ("Northlight Hub", "Joins lamps and sensors to the home network."),
    ("Dusk sensor", "Measures daylight and presence."),
    ("Northlight Care", "Yearly plan: replacement next day and a lamp doctor on the phone."),
]

ORGANIZATIONS = [
    ("Hotel Meridian", "Premium"),
    ("Brightwater Clinics", "Premium"),
    ("Oakfield School District", "Business"),
    ("Tram & Tonic Cafés", "Business"),
    ("Lindgren Architects", "Business"),
    ("Harbour Theatre", "Standard"),
]

FIRST = [
    "Amara",
    "Bruno",
    "Celia",
    "Dmitri",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Imani",
    "Jonas",
    "Kaia",
    "Leo",
    "Mira",
    "Nadia",
    "Oscar",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tilda",
    "Umar",
    "Vera",
    "Wendel",
    "Ximena",
    "Yusuf",
    "Zora",
    "Aiko",
    "Bjorn",
    "Carmen",
    "Dario",
]
LAST = [
    "Abbott",
    "Bergström",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Grünwald",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lefèvre",
    "Moreau",
    "Novak",
    "O'Connor",
    "Pereira",
    "Quiroga",
    "Rossi",
    "Sørensen",
    "Takahashi",
    "Ueda",
    "Varga",
    "Weiss",
]


@dataclass
class Company:
    """What the stories need at hand."""

    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    categories: dict[str, Category] = field(default_factory=dict)


def found(now: datetime, dice: random.Random) -> Company:
    """Creates the company; call it once, on an empty database, inside a transaction."""
    company = Company()
    _hire(company)
    _categories(company)
    _customers(company, dice)
    _orders(company, now, dice)
    for currency, rate in (("EUR", "1.08"), ("GBP", "1.27")):
        ExchangeRate.objects.create(
            currency=currency, rate=Decimal(rate), valid_from=(now - timedelta(days=400)).date()
        )
    return company


def recall() -> Company:
    """The company that was founded earlier: what its stories need."""
    return Company(
        users={each.username: each for each in User.objects.all()},
        teams={each.name: each for each in Team.objects.all()},
        contacts=list(Contact.objects.filter(orders__isnull=False).distinct().order_by("pk")),
        categories={each.name: each for each in Category.objects.all()},
    )


def _hire(company: Company) -> None:
    password = make_password(PASSWORD)
    for name in ("Support", "Orders and billing", "Technical"):
        company.teams[name], _ = Team.objects.get_or_create(
            name=name, defaults={"is_default": not Team.objects.filter(is_default=True).exists()}
        )
    for username, first, last, role, team, leads in STAFF:
        user = User.objects.create(
            username=username,
            first_name=first,
            last_name=last,
            email=f"{username}@northlight.example",
            role=role,
            time_zone=ZONE,
            password=password,
            is_staff=role == "admin",
            is_superuser=role == "admin",
        )
        company.users[username] = user
        if team:
            Membership.objects.create(user=user, team=company.teams[team], leads=leads)
    hub = Skill.objects.create(name="Hub and network")
    company.users["tess"].skills.add(hub)
    company.users["max"].skills.add(hub)


def _categories(company: Company) -> None:
    wanted = [
        ("Product question", "question", "Support"),
        ("Delivery and returns", "problem", "Orders and billing"),
        ("Fault", "problem", "Technical"),
        ("Complaint for management", "management", "Support"),
        ("Suggestion", "suggestion", "Support"),
    ]
    for name, nature, team in wanted:
        category, _ = Category.objects.get_or_create(name=name, defaults={"nature": nature})
        category.team = company.teams[team]
        category.is_default = category.is_default or (
            nature == "question" and not Category.objects.filter(is_default=True).exists()
        )
        category.save()
        company.categories[name] = category


def _customers(company: Company, dice: random.Random) -> None:
    tiers = {}
    for name, rank, entitlements in (
        ("Standard", 0, "Answers within a day."),
        ("Business", 10, "Answers within half a working day; a named contact."),
        ("Premium", 20, "Answers within two hours; on-call outside hours; replacement next day."),
    ):
        tiers[name], _ = Tier.objects.get_or_create(
            name=name, defaults={"rank": rank, "entitlements": entitlements}
        )
    organizations: list[Organization] = []
    for name, tier in ORGANIZATIONS:
        responsible = company.users["eve"] if name == "Hotel Meridian" else None
        organization = Organization.objects.create(
            name=name, tier=tiers[tier], responsible=responsible, notes=NOTES.get(name, "")
        )
        System.objects.create(
            organization=organization, name="Hub cluster", details="Firmware 4.2, 3 hubs"
        )
        organizations.append(organization)
    products = [Product.objects.create(name=name, description=text) for name, text in PRODUCTS]
    for number in range(40):
        first, last = FIRST[number % len(FIRST)], LAST[(number * 7) % len(LAST)]
        employer = organizations[number % 6] if number % 5 < 2 else None
        contact = Contact.objects.create(
            name=f"{first} {last}",
            email=f"{first}.{number}@customers.example".lower(),
            phone=f"+1 555 01{number:02}",
            organization=employer,
            tier=None if employer else tiers["Standard"],
            time_zone=ZONE,
        )
        contact.products.set(dice.sample(products, dice.randint(1, 3)))
        company.contacts.append(contact)


def _orders(company: Company, now: datetime, dice: random.Random) -> None:
    usual = ["29.90", "59.00", "118.00", "249.00"] * 3
    amounts = [*usual, "499.99", "500.00", "500.01", "812.50", "1490.00"]
    orders = []
    for number, contact in enumerate(company.contacts):
        for part in range(dice.randint(1, 3)):
            orders.append(
                Order(
                    number=f"NL-{10000 + number * 10 + part}",
                    contact=contact,
                    amount=Decimal(dice.choice(amounts)),
                    currency=dice.choice(["USD", "USD", "USD", "EUR", "GBP"]),
                    placed_at=now - timedelta(days=dice.randint(3, 300)),
                    summary=dice.choice([name for name, _ in PRODUCTS]),
                )
            )
    Order.objects.bulk_create(orders)
