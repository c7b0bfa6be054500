"""What a team's setting does, as a sentence for whoever configures it."""

from __future__ import annotations

from tickets.people.models import Team

Way = Team.Assignment
_DOES = {
    Way.ROUND_ROBIN: "in turn to each of them",
    Way.LEAST_LOADED: "to whoever has the fewest open tickets",
    Way.SKILL: "to whoever has the skill it needs and the fewest open tickets",
}


def does(team: Team) -> str:
    """«A new ticket goes in turn to each of them, up to 12 open ones»."""
    way = Way(team.assignment)
    if way == Way.NONE:
        return "By hand: tickets stay unassigned until somebody takes them."
    most = "" if team.most_open is None else f", up to {team.most_open} open ones each"
    skill = (
        "to anybody at work where nobody has a needed skill"
        if team.without_skill
        else "to nobody where nobody at work has a needed skill"
    )
    return f"A ticket goes {_DOES[way]}{most}; {skill}."
