"""The template filter of links, `{% load link_filters %}`."""

from django import template

from backoffice.link_permissions import may_follow
from core.users import User

register = template.Library()


@register.filter
def followed_by(url: str, user: User | None) -> str:
    """Return the URL if the user can open it, else an empty text; so without a user."""
    return url if url and user and may_follow(user, url) else ""
