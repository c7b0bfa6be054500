"""How Hypothesis runs here: no stop-watch on a busy machine, nothing written into the tree."""

from hypothesis import settings

settings.register_profile("engine", max_examples=60, deadline=None, database=None)
settings.load_profile("engine")
