"""Naming and sharing a saved view."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.access import is_admin, teams_to_share_with
from tickets.errors import ServiceRefused
from tickets.forms.base import show
from tickets.models import SavedView
from tickets.people.models import Team, User
from tickets.words import shown

Sharing = SavedView.Sharing


class ViewForm(forms.Form):
    """``sharing`` is «own», «everybody» or a team's number."""

    name = forms.CharField(
        label="Name of the view", max_length=60, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    sharing = forms.ChoiceField(label="For whom", required=False)

    def __init__(self, data: Any = None, *, user: User, view: SavedView | None = None) -> None:
        number = view.pk if view else "new"
        super().__init__(data, auto_id=f"view-{number}-%s", label_suffix="", initial=_present(view))
        self.fields["sharing"].choices = _choices(user, view)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """``sharing`` and ``team`` as the services want them."""
        said = super().clean() or {}
        chosen = said.get("sharing") or Sharing.OWN.value
        team = Team.objects.filter(pk=chosen).first() if chosen.isdigit() else None
        return said | {"sharing": Sharing.TEAM.value if team else chosen, "team": team}

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)


def _choices(user: User, view: SavedView | None) -> list[tuple[str, str]]:
    """Whom ``user`` may share with, and whom the view is shared with already."""
    teams = {team.pk: team for team in teams_to_share_with(user)}
    if view and view.team:
        teams.setdefault(view.team.pk, view.team)
    offered = [(Sharing.OWN.value, "only me")]
    offered += [(str(pk), f"team {shown(team.name)}") for pk, team in teams.items()]
    if is_admin(user) or (view and view.sharing == Sharing.EVERYBODY):
        offered.append((Sharing.EVERYBODY.value, "everybody"))
    return offered


def _present(view: SavedView | None) -> dict[str, Any]:
    if view is None:
        return {"sharing": Sharing.OWN.value}
    return {"name": view.name, "sharing": str(view.team_id or view.sharing)}
