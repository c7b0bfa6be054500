"""The believable company that ``manage.py demo`` shows: Northlight, which sells lights for homes."""
