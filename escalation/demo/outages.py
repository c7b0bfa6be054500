"""What did not work at Northlight: the Hub's updates since last night, the web shop two days ago."""

from datetime import datetime, timedelta

from escalation.demo.people import Company
from escalation.incidents import services
from escalation.incidents.models import Component, Incident, Severity
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.people.models import Product, User

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
State = Incident.State
THE_HUB = "Hub loses its lamps every night"
# What can break, and the products that hang on it.
COMPONENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Firmware updates", "New software for Hubs, lamps and sensors", ("Northlight Hub", "Dusk sensor")),
    ("App", "Lamps and scenes on the phone", ("Northlight Hub", "Aurora lamp")),
    ("Web shop", "Ordering and paying", ()),
    ("Deliveries", "Parcels and their tracking", ("Aurora lamp", "Beacon outdoor light")),
    ("Lamp doctor", "The phone line of Northlight Care", ("Northlight Care",)),
)  # fmt: skip


def break_down(company: Company, now: datetime) -> None:
    """Call it when the first tickets are there: those about the Hub are linked."""
    parts = {each[0]: _component(*each) for each in COMPONENTS}
    _shop(company, parts["Web shop"], now - 2 * DAY)
    _hub(company, parts["Firmware updates"], now)
    # What the responders were told by mail has left, as all mail of the past.
    outbox.deliver_due(now)


def _component(name: str, description: str, products: tuple[str, ...]) -> Component:
    row = Component.objects.create(name=name, description=description)
    row.products.set(Product.objects.filter(name__in=products))
    return row


def _shop(company: Company, part: Component, end: datetime) -> None:
    """Broken for fifty minutes, told twice, over."""
    stan = company.users["stan"]
    began = end - 50 * MINUTE
    incident = services.declare(
        title="Nobody can pay by card in the web shop", severity=Severity.CRITICAL,
        actor=company.users["iris"], now=began + 4 * MINUTE, started_at=began, lead=stan,
        responders=company.teams["Orders and billing"], components=[part],
        customers_write="card declined, cannot pay",
        said={
            "happened": "Every payment by card in the web shop was refused.",
            "whom_to_ask": "The team for orders and billing, as always.",
        },
    )  # fmt: skip
    _say(
        incident, stan, began + 9 * MINUTE, State.IDENTIFIED,
        "Payments by card are refused at the moment. Invoices and transfers work. We are on the "
        "phone with the bank that handles the cards.",
    )  # fmt: skip
    services.change(
        incident=incident, actor=stan, now=end - 5 * MINUTE,
        cause="The bank that handles our cards had let a certificate run out.",
        prevention="We are told three weeks before such a certificate ends, and have a second bank.",
        compensation="Postage is free for everybody whose payment was refused.",
    )  # fmt: skip
    _say(
        incident, stan, end, State.RESOLVED,
        "Cards are accepted again. Nothing was charged twice; orders that failed can simply be "
        "sent once more.",
    )  # fmt: skip


def _hub(company: Company, part: Component, now: datetime) -> None:
    """Open since last night, half of it known, with the customers who wrote because of it."""
    tess, sue = company.users["tess"], company.users["sue"]
    began = now - 9 * HOUR
    incident = services.declare(
        title="Firmware updates stop the Hub at night", severity=Severity.MAJOR,
        actor=sue, now=began + 40 * MINUTE, started_at=began, lead=tess,
        responders=company.teams["Technical"], components=[part],
        customers_write="loses its lamps, lamps vanish, hub offline",
        said={
            "happened": "After an update to version 4.2 a Hub may stop at about 2 a.m. Lamps can "
            "still be switched by hand.",
            "doing": "Version 4.2.1 is being tested on fifty Hubs. Until it is out, no more Hubs "
            "are updated.",
            "back": "For good with version 4.2.1, this afternoon. Until then pulling the plug of the "
            "Hub for ten seconds brings the lamps back.",
            "whom_to_ask": "Answer the mail about your ticket, or call the lamp doctor.",
            "back_at": now + 5 * HOUR,
        },
    )  # fmt: skip
    _say(
        incident, tess, began + HOUR, State.INVESTIGATING,
        "Some Hubs have stopped during the night, all of them after the update of Monday. No more "
        "are updated for now. Pulling the plug for ten seconds helps.",
    )  # fmt: skip
    _say(
        incident, tess, began + 2 * HOUR, "",
        "Max has found it, it is the backup: it holds the radio for 40 seconds, and the watchdog waits for 30.",
    )  # fmt: skip
    services.change(
        incident=incident, actor=tess, now=began + 3 * HOUR,
        cause="The nightly backup of version 4.2 keeps the Hub's radio busy for too long.",
    )  # fmt: skip
    _say(
        incident, tess, began + 6 * HOUR, State.IDENTIFIED,
        "The cause is known: the nightly backup. A corrected version is being tested and should be "
        "out this afternoon; Hubs take it by themselves.",
    )  # fmt: skip
    _say(
        incident, sue, began + 7 * HOUR, "",
        "Hotel Meridian has three Hubs: call them before the night if 4.2.1 is late.",
    )  # fmt: skip
    told = Ticket.objects.visible_to(tess).active().filter(subject=THE_HUB).order_by("pk")
    services.link(incident=incident, tickets=list(told), actor=tess, now=now)


def _say(incident: Incident, who: User, at: datetime, state: str, text: str) -> None:
    """With a new state to everybody, without one to the staff."""
    services.say(
        incident=incident, text=text, actor=who, now=at, state=state or None, is_public=bool(state)
    )
