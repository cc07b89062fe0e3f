"""The quotas: how much a login may store, listed with the rate limits.

A section that has some declares a function of the login as `quotas` (`core.sections`).
"""

from typing import NamedTuple

from core.sections import load_contributions


class Quota(NamedTuple):
    """A quota of one login: its name in `GET /limits`, the most, and what is stored now."""

    name: str
    most: int
    used: int

    @property
    def left(self) -> int:
        """Return how much more may be stored."""
        return max(0, self.most - self.used)


def quotas_of(login: int) -> list[Quota]:
    """Return the login's quotas in all sections."""
    return [quota for of in load_contributions("quotas") for quota in of(login)]
