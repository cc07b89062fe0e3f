"""The actions and panels that the sections give to the pages of the admin."""

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


@cache
def actions() -> dict[tuple[str, str], Action]:
    """Every action by model and name: `ACTIONS` of the modules called `staff_actions`."""
    found: dict[tuple[str, str], Action] = {}
    for module in modules("staff_actions"):
        for kind in import_module(module).ACTIONS:
            action = kind()
            found[action.model, action.name] = action
    return found


@cache
def panels() -> dict[str, list[Panel]]:
    """The panels by model: `PANELS` of the modules called `panels`, the sections' first."""
    found: dict[str, list[Panel]] = {}
    for module in modules("panels"):
        for panel in import_module(module).PANELS:
            found.setdefault(panel.model, []).append(panel)
    return found


@cache
def tiles() -> dict[str, list[LiveTile]]:
    """The live tiles by model: `TILES` of the modules called `row_tiles`, the sections' first."""
    found: dict[str, list[LiveTile]] = {}
    for module in modules("row_tiles"):
        for tile in import_module(module).TILES:
            found.setdefault(tile.model, []).append(tile)
    return found


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
    return [panel for panel in panels().get(model._meta.label_lower, []) if panel.shown_to(user)]


def tiles_for(user: Any, model: type[Model]) -> list[LiveTile]:
    """What this person may see live on the pages of the model."""
    return [tile for tile in tiles().get(model._meta.label_lower, []) if tile.shown_to(user)]
