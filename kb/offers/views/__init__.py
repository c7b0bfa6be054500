"""Pages of offers: the ticket's panel, the page of one, the ledger."""
