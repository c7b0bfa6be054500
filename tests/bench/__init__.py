"""Speed, measured on PostgreSQL: ``python -m tests.bench``."""
