"""What a new ticket starts with: a template's words, and what was typed before it was chosen; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.scripts.models import Template, tags_in


def filled_in(template: Template, typed: Mapping[str, str]) -> dict[str, Any]:
    """The form's values. What somebody typed is not overwritten: a subject stays, a text stands below
    the template's, tags come together. What the template chooses, it chooses."""
    known = {name: value for name, value in typed.items() if value.strip()}
    body = known.get("body", "").replace("\r\n", "\n").strip()
    parts = [template.body.strip(), "" if body in template.body else body]
    if template.body.strip() and template.body.strip() in body:
        parts = [body]
    tags = {tag.lower(): tag for tag in [*tags_in(known.get("tags", "")), *tags_in(template.tags)]}
    chosen = {
        "category": template.category_id,
        "team": template.team_id,
        "priority": template.priority,
    }
    return {
        **known,
        **{name: value for name, value in chosen.items() if value},
        "subject": known.get("subject") or template.subject,
        "body": "\n\n".join(filter(None, parts)),
        "tags": ", ".join(tags.values()),
    }
