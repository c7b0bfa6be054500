"""What Northlight's customers write, and what its agents answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gift:
    """What is given to make up for it; ``taken_back`` says why, where it was."""

    offer: str
    amount: str
    why: str
    is_asked: bool = False
    taken_back: str = ""


@dataclass(frozen=True)
class Story:
    """One kind of matter: how it opens, how it goes on. ``{order}`` becomes one of their orders."""

    category: str
    subject: str
    body: str
    answers: tuple[str, ...]
    thanks: str = "That helped, thank you!"
    follow_up: str = "Thanks, but it is still not clear to me. Could you look once more?"
    gift: Gift | None = None


STORIES = (
    Story(
        "Product question",
        "Does the Aurora lamp remember its brightness?",
        "Hello,\n\nwhen I switch my Aurora lamp off at the wall and on again it starts at full "
        "brightness. Can it remember the last level?\n\nKind regards",
        (
            "Hello {first_name},\n\nyes: open the lamp in the app, choose Power-on behaviour and "
            "pick Last level. It then survives a power cut too.\n\nBest wishes,\n{agent}",
            "Hello {first_name},\n\nif the menu is missing, the lamp needs firmware 2.1. Hold the "
            "button for ten seconds and it will fetch it.\n\nBest wishes,\n{agent}",
        ),
    ),
    Story(
        "Product question",
        "Which bulbs fit the Beacon outdoor light",
        "Hi there, the bulb in one of my path lights is gone after four years (no complaint!). "
        "Which replacement do I need?",
        (
            "Hello {first_name},\n\nfour years outdoors is a fine age. You need a G9 bulb of at "
            "most 3 W; ours is listed as Beacon spare bulb.\n\nBest wishes,\n{agent}",
        ),
    ),
    Story(
        "Product question",
        "Is the Hub compatible with a mesh network?",
        "Before I order: my house has a mesh of three access points. Will one Northlight Hub "
        "cover the garden as well?",
        (
            "Hello {first_name},\n\none Hub serves about 200 square metres and joins any mesh at "
            "2.4 GHz. For a garden we suggest a second Hub near the door.\n\nBest wishes,\n{agent}",
        ),
    ),
    Story(
        "Delivery and returns",
        "Where is my parcel?",
        "I ordered ten days ago (order {order}) and the tracking page has not moved since "
        "Thursday. When will it arrive?",
        (
            "Hello {first_name},\n\nI am sorry about the wait. The carrier has scanned {order} "
            "this morning; it will reach you tomorrow before noon. I shall check again then."
            "\n\nBest wishes,\n{agent}",
        ),
        gift=Gift("Credit", "10", "The parcel is a week late"),
    ),
    Story(
        "Delivery and returns",
        "Charged twice",
        "My card statement shows the amount for {order} two times. Please put this right.",
        (
            "Hello {first_name},\n\nyou are right, and I am sorry. The second charge was a failed "
            "attempt that our bank booked all the same; it goes back to your card today and shows "
            "within three working days.\n\nBest wishes,\n{agent}",
        ),
        gift=Gift("Refund", "20", "What the bank charged for the second booking", is_asked=True),
    ),
    Story(
        "Delivery and returns",
        "I would like to send one lamp back",
        "Order {order}: the colour does not suit our living room. How do I return it, and who "
        "pays the postage?",
        (
            "Hello {first_name},\n\nwithin 60 days returns are free. I have sent you a label; "
            "the refund follows two days after the parcel reaches us.\n\nBest wishes,\n{agent}",
        ),
        gift=Gift(
            "Credit", "12", "Postage of the return", taken_back="The label was free of charge"
        ),
    ),
    Story(
        "Fault",
        "Hub loses its lamps every night",
        "Since the update on Monday all lamps vanish from the app around 2 a.m. and come back "
        "only after I pull the plug of the Hub. Firmware 4.2.",
        (
            "Hello {first_name},\n\nthank you for the exact time, that helps. I have your Hub's "
            "log and am reading it with our engineers; I shall write again before 5 p.m."
            "\n\nBest wishes,\n{agent}",
            "Hello {first_name},\n\nwe found it: the nightly backup blocks the radio for too "
            "long. Version 4.2.1 is on its way to your Hub.\n\nBest wishes,\n{agent}",
        ),
    ),
    Story(
        "Fault",
        "Dusk sensor switches lights on at noon",
        "The sensor in the hallway thinks it is night at noon. I cleaned the window as the "
        "booklet says. Bought with {order}.",
        (
            "Hello {first_name},\n\nthat sounds like a sensor of the spring series whose lens "
            "yellows. A new one leaves our warehouse today, free of charge.\n\nBest wishes,\n{agent}",
        ),
        gift=Gift("Free gift", "1", "A sensor of the spring series"),
    ),
    Story(
        "Complaint for management",
        "Third wrong delivery. I want to speak to a manager",
        "This is the third time that the wrong lamp arrives for {order}. I have been patient. "
        "I want somebody who can decide to call me.",
        (
            "Hello {first_name},\n\nthree times is not acceptable, and I shall not ask you for a "
            "fourth parcel. My supervisor has your case in front of her and will call you today."
            "\n\nBest wishes,\n{agent}",
        ),
        follow_up="I am still waiting for that call.",
        gift=Gift("Credit", "60", "The third wrong delivery", is_asked=True),
    ),
    Story(
        "Suggestion",
        "A lamp for reading in bed",
        "I love my Aurora. A version with a clip for the headboard would be perfect. Just an "
        "idea, no need to hurry with an answer!",
        (
            "Hello {first_name},\n\nwhat a good thought, thank you. I have put it on the list "
            "that our product people read every month.\n\nBest wishes,\n{agent}",
        ),
    ),
)

# What an agent writes when a deadline comes near and there is no solution yet.
NEWS = (
    "Hello {first_name},\n\na short word so that you need not wonder: I am still on it. Our "
    "engineers have your details and have promised me an answer for tomorrow; you will hear from "
    "me either way.\n\nBest wishes,\n{agent}",
    "Hello {first_name},\n\nthank you for your patience. I have checked your account and spoken "
    "with the warehouse; the last open question goes to our supplier today."
    "\n\nBest wishes,\n{agent}",
    "Hello {first_name},\n\nwe could reproduce what you describe, which is good news: now it can "
    "be repaired. I shall write again by tomorrow noon.\n\nBest wishes,\n{agent}",
)
CALL_SUMMARY = (
    "Apologised for the trouble and explained what happened. The customer is content with the "
    "replacement and wants a short mail when it leaves."
)
