"""The staff actions, panels and live tiles that the apps declare (`core.sections`)."""

from functools import cache

from django.db.models import Model

from backoffice.actions.action import AnyAction
from backoffice.widgets.live_tile import LiveTile
from backoffice.widgets.panel import Panel
from core.sections import load_items
from core.users import User

LIST_QUERY = "_changelist_filters"  # Django's name of the query of the list that one came from


@cache
def all_actions() -> dict[tuple[str, str], AnyAction]:
    """Return every declared action by model and name."""
    classes: list[type[AnyAction]] = load_items("staff_actions")
    return {(kind.model, kind.name): kind() for kind in classes}


@cache
def all_panels() -> list[Panel]:
    """Return the declared panels."""
    return load_items("panels")


@cache
def all_live_tiles() -> list[LiveTile]:
    """Return the declared live tiles."""
    return load_items("live_tiles")


def actions_for(user: User, model: type[Model], obj: Model | None = None) -> list[AnyAction]:
    """Return the user's actions on the object, dangerous ones last.

    Without an object those that create one.
    """
    allowed = [
        action
        for (name, _), action in all_actions().items()
        if name == model._meta.label_lower
        and action.on_list == (obj is None)
        and action.allowed(user, obj)
    ]
    return sorted(allowed, key=lambda action: action.danger)


def row_actions_for(user: User, model: type[Model]) -> list[AnyAction]:
    """Return the actions that the user may choose in lists of the model, where they apply."""
    return [
        action
        for (name, _), action in all_actions().items()
        if name == model._meta.label_lower and action.on_row and user.has_perm(action.permission)
    ]


def panels_for(user: User, model: type[Model]) -> list[Panel]:
    """Return the panels that the user may see on the model's pages."""
    return [panel for panel in all_panels() if panel.is_visible_to(user, model)]


def live_tiles_for(user: User, model: type[Model]) -> list[LiveTile]:
    """Return the live tiles that the user may see on the model's pages."""
    return [tile for tile in all_live_tiles() if tile.is_visible_to(user, model)]
