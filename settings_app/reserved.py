"""Prefixes that a section keeps for itself: what is set there has an effect.

Such a section declares its handlers (`core.sections`); these settings know no section.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from core.sections import load_items


class Owner(Protocol):
    """Handler of the settings under one prefix; values are name → JSON text."""

    prefix: str

    def save(self, *, login: int, values: Mapping[str, str]) -> None: ...

    def delete(self, *, login: int, name: str | None) -> None: ...

    def records(self, login: int, *, own: bool) -> list[tuple[Any, ...]]: ...


@cache
def owners() -> dict[str, Owner]:
    """By prefix."""
    handlers: list[Owner] = load_items("settings_handlers")
    return {handler.prefix: handler for handler in handlers}


def records(login: int, prefix: str | None, *, own: bool) -> list[tuple[Any, ...]]:
    """The rows of the reserved prefixes; `own`: the client asks, not staff."""
    asked = [owner for name, owner in owners().items() if prefix in (None, name)]
    return [row for owner in asked for row in owner.records(login, own=own)]
