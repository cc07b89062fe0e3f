"""Slows down guesses of passwords without locking out users who know theirs.

Failed attempts at a login are counted by the network that they come from, and over all
networks together. A device that has signed in to the login before is counted by itself, and
together with all such devices, but never with unknown ones: those cannot slow it down. A
sign-in with a valid code of the second factor is not slowed down either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

from django.http import HttpRequest
from rest_framework.request import Request

from api.devices import device_of
from api.throttling import gcra
from api.throttling.gcra import RateLimitCharge
from api.throttling.rate_limits import RULES
from core.client_address import get_client_network
from core.errors import BrokerError, TooFrequent
from staff_auth.errors import SignInRefused

NETWORK_RULE, ALL_NETWORKS_RULE = RULES["sign_failures"], RULES["sign_failures_anywhere"]
KNOWN_DEVICES_RULE = RULES["sign_failures_known"]


class SlowedDown(TooFrequent):
    """Too many failed attempts at this login; `outcome` is logged for this one."""

    outcome = "SLOWED"

    def __init__(self, wait: float, outcome: str = outcome) -> None:
        super().__init__(
            f"too many failed tries of this login: try again in {ceil(wait)} s, from a device"
            " that has signed in before, or with the code of a second factor",
            wait=wait,
        )
        self.outcome = outcome


@dataclass
class PasswordGuess:
    """One attempt at a password; the caller sets `by_factor` after a valid second factor."""

    charges: list[RateLimitCharge]
    wait: float = field(init=False)  # seconds for which the attempt is refused; 0: it is not
    by_factor: bool = False

    def __post_init__(self) -> None:
        self.wait = max((standing.wait for standing in gcra.spend_charges(self.charges)), default=0)

    def refund(self) -> None:
        """Take the count back; without effect if the attempt was not counted."""
        if not self.wait:
            gcra.refund_charges(self.charges)


@contextmanager
def limit_guesses(
    request: Request | HttpRequest,
    login: int,
    code: str = "",
    *,
    holder: str = "",
    wrong: type[BrokerError] = SignInRefused,
) -> Iterator[PasswordGuess]:
    """Count the block as an attempt at a password if it raises `wrong`.

    `code` is the submitted code of a second factor. `holder` identifies a session that asks
    for the password once more; such attempts are counted like those of a known device.

    Raises:
        SlowedDown: instead of the block's result or refusal, unless the second factor was
            valid; without a `code` before the block runs.
    """
    device = holder or device_of(request, login)
    guess = PasswordGuess(_charges(login, get_client_network(request), device))
    if guess.wait and not code:
        raise SlowedDown(guess.wait)
    try:
        yield guess
    except wrong as refusal:
        if guess.wait:
            raise SlowedDown(guess.wait, getattr(refusal, "outcome", refusal.code)) from None
        raise
    except BrokerError as refusal:
        guess.refund()
        if guess.wait:
            raise SlowedDown(guess.wait, getattr(refusal, "outcome", refusal.code)) from None
        raise
    except BaseException:
        guess.refund()
        raise
    guess.refund()
    if guess.wait and not guess.by_factor:
        raise SlowedDown(guess.wait)


def is_slowed_down(login: int, networks: list[str]) -> bool:
    """Return whether known devices, or unknown ones in a network or anywhere, have to wait.

    Only `networks` are checked. A known device that waits for its own attempts is not
    noticed.
    """
    charges = [rule.charge("", login, cost=0) for rule in (ALL_NETWORKS_RULE, KNOWN_DEVICES_RULE)]
    charges += [NETWORK_RULE.charge(network, login, cost=0) for network in networks]
    standings = gcra.spend_charges([charge for charge in charges if charge is not None])
    return any(standing.remaining == 0 for standing in standings)


def reset_failures(login: int) -> None:
    """Reset all counts of the login: by network, by device and together."""
    by_network = NETWORK_RULE.charge("*", login)
    totals = [rule.charge("", login) for rule in (ALL_NETWORKS_RULE, KNOWN_DEVICES_RULE)]
    if by_network is not None:
        gcra.reset_counters([charge.key for charge in totals if charge is not None], by_network.key)


def _charges(login: int, network: str, device: str) -> list[RateLimitCharge]:
    total_rule = KNOWN_DEVICES_RULE if device else ALL_NETWORKS_RULE
    charges = (NETWORK_RULE.charge(device or network, login), total_rule.charge(network, login))
    return [charge for charge in charges if charge is not None]
