"""What is done about an incident: declared, spoken of, changed, linked, made worse, told; and who
subscribes to hear of it."""

from escalation.incidents.services.alerting import alert
from escalation.incidents.services.changing import change
from escalation.incidents.services.declaring import declare
from escalation.incidents.services.linking import bring_along, link, unlink
from escalation.incidents.services.linking_many import (
    ABOVE,
    foresee_link,
    link_many,
    take_back,
)
from escalation.incidents.services.notifying import notify, notify_next
from escalation.incidents.services.settling import words_left, words_lost, words_taken_back
from escalation.incidents.services.speaking import say
from escalation.incidents.services.spreading import spread_next
from escalation.incidents.services.subscribing import ask, confirm, forget_abandoned, leave, lose
from escalation.incidents.services.worsening import could_become, judge, judge_open

__all__ = [
    "ABOVE",
    "alert",
    "ask",
    "bring_along",
    "change",
    "confirm",
    "could_become",
    "declare",
    "foresee_link",
    "forget_abandoned",
    "judge",
    "judge_open",
    "leave",
    "link",
    "link_many",
    "lose",
    "notify",
    "notify_next",
    "say",
    "spread_next",
    "take_back",
    "unlink",
    "words_left",
    "words_lost",
    "words_taken_back",
]
