"""People in the admin: who works here and who writes to us."""

from tickets.people.admin import customers, staff

__all__ = ["customers", "staff"]
