"""The law of the clocks, in pure Python: facts, targets and calendars in, deadlines out."""
