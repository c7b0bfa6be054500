"""Tickets over REST: the same door and the same services as the pages."""
