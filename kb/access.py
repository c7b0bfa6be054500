"""Who writes articles and says that they stand. Everybody at work here may propose one."""

from tickets.access import NotAllowed, is_admin
from tickets.people.models import User


def publishes_articles(user: User) -> bool:
    """Whether ``user`` reads what was drafted and publishes it: supervisors and admins."""
    return is_admin(user) or (user.is_active and user.role == User.Role.SUPERVISOR)


def may_publish_articles(user: User) -> None:
    """Raises NotAllowed unless ``user`` may publish articles, or set them aside."""
    if not publishes_articles(user):
        raise NotAllowed("Only supervisors and admins publish articles.")


def changes_article(user: User, proposer: int | None, *, is_published: bool) -> bool:
    """Whether ``user`` may write a revision: who publishes, always; who proposed it, until then."""
    is_own = user.is_active and proposer == user.pk and not is_published
    return is_own or publishes_articles(user)


def may_change_article(user: User, proposer: int | None, *, is_published: bool) -> None:
    """Raises NotAllowed unless ``user`` may change an article that ``proposer`` has drafted."""
    if not changes_article(user, proposer, is_published=is_published):
        raise NotAllowed(
            "What is published is changed by supervisors and admins, a draft also by who wrote it."
        )
