"""Offers over REST: what fits a ticket, granting it, asking for it, deciding, reversing it."""
