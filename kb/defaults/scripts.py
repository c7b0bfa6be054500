"""The first scripts (kind, name, words, and for a hold the seconds promised), macros and templates."""

from typing import Any

from kb.scripts.models import Macro, Script, Template

MOMENT = 60
SCRIPTS: tuple[tuple[Any, ...], ...] = (
    (
        "greeting",
        "Answering the phone",
        "{company}, my name is {agent}. May I have your reference, if you have one?",
    ),
    (
        "hold",
        "Asking somebody to hold",
        "{first_name}, I would like to look this up properly. May I put you on hold for about "
        "{moment}? I shall come back to you by then, even if I am not done.",
    ),
    (
        "hold",
        "Asking for a little longer",
        "Thank you for your patience, {first_name}. I need another {moment} to be sure of it. May I?",
        45,
    ),
    (
        "hold",
        "Asking a colleague first",
        "{first_name}, I should like to ask a colleague who knows this best. That takes about "
        "{moment}; would you rather wait, or shall I call you back?",
        120,
    ),
    (
        "back",
        "Coming back from hold",
        "Thank you for waiting, {first_name}. Here is what I have found so far.",
    ),
    (
        "transfer",
        "Passing somebody on",
        "{first_name}, my colleague knows more about this than I do. I am passing you on now with "
        "everything you have told me, so that you need not say it again. Your reference is "
        "{reference}.",
    ),
    (
        "angry",
        "An angry caller",
        "You are right to be upset about this, {first_name}, and I am glad that you tell me. Let me "
        "say back what happened, so that I get it right. Then I shall tell you what I can do today.",
    ),
    (
        "apology",
        "Apologising on the phone",
        "I am sorry, {first_name}. This should not have happened, and it is not for you to put right. "
        "I have all of it in front of me, and here is what I am doing about it now.",
    ),
    (
        "hand_over",
        "A supervisor takes over",
        "{first_name}, I would like somebody with more authority to look after this. I am handing "
        "{reference} to {supervisor} now, with its whole history. You will hear from them "
        "{expected_by}.",
    ),
    (
        "apology",
        "We are late",
        "Hello {first_name},\n\nI am sorry: we promised you an answer and are late with it. That is "
        "our fault alone. Here is where your matter stands:\n\n\n\nI shall write again {expected_by}."
        "\n\nBest wishes,\n{agent}",
    ),
    (
        "outage",
        "There is an outage",
        "Hello {first_name},\n\nyou are not alone with this: a part of our service is down at the "
        "moment. Our engineers are working on it. I keep {reference} open and write to you as soon "
        "as I know more, and when it is over.\n\nBest wishes,\n{agent}",
    ),
    (
        "reply",
        "We are looking into it",
        "Hello {first_name},\n\nthank you for telling us. I am looking into {subject} now and shall "
        "write again {expected_by}.\n\nBest wishes,\n{agent}, {company}",
    ),
)
# Name, words, and what else a macro does.
MACROS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "I take it and look into it",
        "Hello {first_name},\n\nthank you for writing. I have your matter {reference} in hand now and "
        "shall write again {expected_by}.\n\nBest wishes,\n{agent}, {company}",
        {"takes": True},
    ),
    (
        "Ask for the order number",
        "Hello {first_name},\n\nto find what happened I need the number of your order; it stands in "
        "the mail that confirmed it. Simply answer this mail.\n\nBest wishes,\n{agent}, {company}",
        {"takes": True, "status": "pending"},
    ),
    ("Not for us", "", {"tags": "not for us", "status": "solved"}),
)
# Name, and what a new ticket starts with.
TEMPLATES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Something arrived broken",
        {
            "subject": "Arrived broken: ",
            "body": "Order: \nWhat is broken: \nWas the parcel damaged? \nPhotos are sent by: \n"
            "They would rather have (a new one / their money): ",
            "priority": "high",
            "tags": "broken",
        },
    ),
    (
        "A parcel has not come",
        {
            "subject": "Parcel has not come: ",
            "body": "Order: \nExpected on: \nAddress as they say it: \nAsked the neighbours? ",
            "tags": "parcel",
        },
    ),
)


def install_scripts() -> None:
    """Only where none exists yet: one that an admin renamed does not come back beside it."""
    if not Macro.objects.exists():
        Macro.objects.bulk_create(
            Macro(name=name, words=words, order=order * 10, **does)
            for order, (name, words, does) in enumerate(MACROS)
        )
    if not Template.objects.exists():
        Template.objects.bulk_create(
            Template(name=name, order=order * 10, **fills)
            for order, (name, fills) in enumerate(TEMPLATES)
        )
    if not Script.objects.filter(owner=None).exists():
        Script.objects.bulk_create(
            Script(
                kind=kind, name=name, body=words, order=order * 10, moment=next(iter(rest), MOMENT)
            )
            for order, (kind, name, words, *rest) in enumerate(SCRIPTS)
        )
