"""The template filters of links, `{% load link_filters %}`."""

from collections.abc import Sequence

from django import template

from backoffice.link_permissions import may_follow
from backoffice.site.navigation import load_menu_places
from core.users import User

register = template.Library()


@register.filter
def followed_by(url: str, user: User | None) -> str:
    """Return the URL if the user can open it, else an empty text; so without a user."""
    return url if url and user and may_follow(user, url) else ""


@register.filter
def titled_as_in_menu(parts: Sequence[dict[str, object]]) -> Sequence[dict[str, object]]:
    """Return a page's path by the sidebar's words: heading, list and object.

    Django's is the app, which is a page of few roles, the model and the object.
    """
    if len(parts) < 2:
        return parts
    place = load_menu_places().get(str(parts[1]["link"]))
    if place is None:
        return parts
    heading, title = place
    return [{"title": heading}, {**parts[1], "title": title}, *parts[2:]]
