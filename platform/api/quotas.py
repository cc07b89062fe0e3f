"""How much a login may keep: totals that no time gives back, named beside the rate limits.

A section that has some offers `of(login)` in its module `quotas`.
"""

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import NamedTuple

from config.sections import section_modules


class Quota(NamedTuple):
    """A total of one login: its name in `GET /limits`, the most, and what is kept now."""

    name: str
    most: int
    used: int

    @property
    def left(self) -> int:
        """How much more may be kept."""
        return max(0, self.most - self.used)


def quotas(login: int) -> list[Quota]:
    """Those of all sections."""
    return [quota for of in _sections() for quota in of(login)]


@cache
def _sections() -> list[Callable[[int], Iterable[Quota]]]:
    return [import_module(name).of for name in section_modules("quotas")]
