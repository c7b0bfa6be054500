"""What happens is told at once: who hears of what, how it travels, who is on a ticket with whom."""
