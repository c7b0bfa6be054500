"""Every change of a ticket, one file per use-case."""
