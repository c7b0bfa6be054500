"""What Django's admin asks before it opens a page: who may configure the product."""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from tickets.access import is_admin
from tickets.people.models import User

PRODUCT = ("tickets", "kb", "escalation")


class AdminRoleBackend(BaseBackend):
    """Grants admins every permission on the product's models, and nobody anything else."""

    def has_perm(
        self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Model | None = None
    ) -> bool:
        return obj is None and self.has_module_perms(user_obj, perm.partition(".")[0])

    def has_module_perms(self, user_obj: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        return isinstance(user_obj, User) and is_admin(user_obj) and app_label in _labels()


@cache
def _labels() -> frozenset[str]:
    """The labels of the product's own apps."""
    return frozenset(
        config.label
        for config in apps.get_app_configs()
        if config.name.partition(".")[0] in PRODUCT
    )
