"""What the sections give to the pages of the admin: actions, panels, live tiles, previews."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db.models import Model

from backoffice.acting.action import Action
from backoffice.acting.panel import Panel
from backoffice.acting.tile import LiveTile
from config.sections import section_modules

ROOMS = ("realtime", "audit", "door", "backoffice")  # of the platform, that give some as well


def modules(name: str) -> list[str]:
    """Dotted names of all modules called `name`, the sections' first."""
    ours = [f"{room}.{name}" for room in ROOMS if find_spec(f"{room}.{name}")]
    return [*section_modules(name), *ours]


def given(module: str, name: str) -> list[Any]:
    """Everything in the tuples called `name` of all modules called `module`."""
    return [one for path in modules(module) for one in getattr(import_module(path), name)]


@cache
def actions() -> dict[tuple[str, str], Action]:
    """Every action by model and name: `ACTIONS` of the modules called `staff_actions`."""
    kinds: list[type[Action]] = given("staff_actions", "ACTIONS")
    return {(kind.model, kind.name): kind() for kind in kinds}


@cache
def panels() -> list[Panel]:
    """`PANELS` of the modules called `panels`."""
    return given("panels", "PANELS")


@cache
def tiles() -> list[LiveTile]:
    """`TILES` of the modules called `row_tiles`."""
    return given("row_tiles", "TILES")


def actions_for(user: Any, model: type[Model], row: Any = None) -> list[Action]:
    """What this person may do to the row, dangers last; without one, what makes rows."""
    found = [
        action
        for (name, _), action in actions().items()
        if name == model._meta.label_lower
        and action.on_list == (row is None)
        and action.allowed(user, row)
    ]
    return sorted(found, key=lambda action: action.danger)


def panels_for(user: Any, model: type[Model]) -> list[Panel]:
    """What this person may see on the pages of the model."""
    return [panel for panel in panels() if panel.shown_to(user, model)]


def tiles_for(user: Any, model: type[Model]) -> list[LiveTile]:
    """What this person may see live on the pages of the model."""
    return [tile for tile in tiles() if tile.shown_to(user, model)]
