"""The pages of incidents: all of them, one, its form, and the panel beside a ticket."""
