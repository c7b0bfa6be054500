"""What the outbox announces to whoever owns a mail; it knows no ticket."""

from django.dispatch import Signal

# Sent with mail= at the start of the transaction that settles it: owners lock their rows first.
locking = Signal()
# Sent with mail=, at=, now= once, when the mail first left.
left = Signal()
# Sent with mail=, now= when a report has come that it did not arrive after all.
returned = Signal()
# Sent with mail=, now= once, when no recipient can be reached any more.
dead = Signal()
