"""Pages of the escalation floor: panels of a ticket, answers to escalations, health."""
