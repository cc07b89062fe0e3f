"""How much a login may keep: totals that no time gives back, named beside the rate limits.

A section declares a function that returns them for a login (`core.sections`).
"""

from typing import NamedTuple

from core.sections import load_contributions


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
    return [quota for of in load_contributions("quotas") for quota in of(login)]
