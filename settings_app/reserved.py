"""Prefixes that a section keeps for itself: what is set there has an effect.

Such a section has a module `own_settings`; these settings know no section.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from config.sections import section_modules


class Owner(Protocol):
    """What `own_settings` offers; values are name → JSON text."""

    PREFIX: str

    def save(self, *, login: int, values: Mapping[str, str]) -> None: ...

    def delete(self, *, login: int, name: str | None) -> None: ...

    def records(self, login: int, *, own: bool) -> list[tuple[Any, ...]]: ...


@cache
def owners() -> dict[str, Owner]:
    """By prefix."""
    modules = (cast(Owner, import_module(name)) for name in section_modules("own_settings"))
    return {module.PREFIX: module for module in modules}


def records(login: int, prefix: str | None, *, own: bool) -> list[tuple[Any, ...]]:
    """The rows of the reserved prefixes; `own`: the client asks, not staff."""
    asked = [owner for name, owner in owners().items() if prefix in (None, name)]
    return [row for owner in asked for row in owner.records(login, own=own)]
