"""The escalation floor over REST: clocks, why they stand as they do, and the chain of authority."""
