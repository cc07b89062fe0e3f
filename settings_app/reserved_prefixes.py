"""Prefixes that are reserved by a section: its settings have an effect.

A section declares its handlers as `settings_handlers` (`core.sections`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Protocol

from core.sections import load_items


class ReservedSettings(Protocol):
    """The handler of a prefix; `values` maps names to JSON texts."""

    prefix: str

    def save(self, *, login: int, values: Mapping[str, str]) -> None: ...

    def delete(self, *, login: int, name: str | None) -> None: ...

    def records(self, login: int, *, own: bool) -> list[tuple[object, ...]]: ...


@cache
def reserved_settings() -> dict[str, ReservedSettings]:
    """Return the sections' handlers by their prefix."""
    handlers: list[ReservedSettings] = load_items("settings_handlers")
    return {handler.prefix: handler for handler in handlers}


def read_reserved_records(login: int, prefix: str | None, *, own: bool) -> list[tuple[object, ...]]:
    """Return the rows of the reserved prefixes; `own`: for the client, not for staff."""
    owners_read = [owner for name, owner in reserved_settings().items() if prefix in (None, name)]
    return [row for owner in owners_read for row in owner.records(login, own=own)]
