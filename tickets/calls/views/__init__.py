"""Pages of the telephone: the bar on every page, a call under way, who calls, the logs."""
