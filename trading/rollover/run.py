"""The rollover: finds nights that are due and charges them, oldest first, as often as it runs.

Each account is a transaction of its own and what is charged is never charged again, so a run may
break off anywhere and two may coincide. A night is finished when no account is left.
"""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import Count, Sum

from core.clock import now
from core.json import plain
from core.leader import Leadership
from market import path
from market.errors import OffQuotes
from market.quotes import Quotes
from trading.models import EnginePlace, Rollover, SwapCharge
from trading.rollover import day_end, swaps
from trading.rollover.nights import GRACE, register
from trading.rollover.prices import quotes_of

PATIENCE = 3600  # seconds that a night waits for an engine whose checkpoint is before it
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Booked:
    """What a run did for a night; `waiting` are the accounts that are to be tried again."""

    night: date
    trades: int
    waiting: list[int]

    def __str__(self) -> str:
        state = f"waiting: {', '.join(map(str, self.waiting))}" if self.waiting else "finished"
        return f"{self.night}: {self.trades} trades charged, {state}"


def run(
    *, night: date | None = None, at: int | None = None, quotes: Quotes | None = None
) -> list[Booked]:
    """Charge the nights that are due, or only this one of them; return what was done for each.

    A finished night stays as it is. `at` is the time in unix seconds (now); `quotes` are the prices
    (those of the night). The result is empty when nothing is due, when another run is at work, and
    while the engine has yet to close what was to be closed before the moment.
    """
    at = now() if at is None else at
    if register(at):
        day_end.write(at - GRACE)
    due = Rollover.objects.filter(finished=0).order_by("night")
    if night:
        due = due.filter(pk=night)
    nights = [found for found in due if at_rest(found.moment, at)]
    leader = Leadership("rollover")
    try:
        return _book(nights, at, quotes) if nights and leader.attempt() else []
    finally:
        leader.close()


def at_rest(moment: int, at: int) -> bool:
    """Return whether every engine has processed the quotes up to the moment, or is not awaited.

    What a stop loss closed before the moment is not charged, also when the engine was down.
    """
    if at - moment > PATIENCE:
        return True
    until = min(path.newest(), moment * 1000)  # batches are numbered by unix milliseconds
    return not EnginePlace.objects.filter(batch__lt=until).exists()


def _book(nights: list[Rollover], at: int, quotes: Quotes | None) -> list[Booked]:
    done = [_swaps(night, quotes or quotes_of(night.moment, at)) for night in nights]
    day_end.write(at - GRACE)
    for night in (booked.night for booked in done if not booked.waiting):
        Rollover.objects.filter(pk=night, finished=0).update(finished=at, **charged(night))
    for booked in done:
        log.info("rollover %s", booked)
    return done


def charged(night: date) -> dict[str, Any]:
    """Return how many trades a night has charged and the sums by currency, as its row has them."""
    by = "trade__account__group__currency"
    rows = SwapCharge.objects.filter(night=night).values_list(by).order_by(by)
    sums = list(rows.annotate(Count("pk"), Sum("amount")))
    return {
        "charged": sum(count for _, count, _ in sums),
        "amounts": {currency: plain(amount) for currency, _, amount in sums},
    }


def _swaps(night: Rollover, quotes: Quotes) -> Booked:
    trades, waiting = 0, []
    for login in swaps.logins(night):
        try:
            trades += swaps.charge(login=login, night=night, quotes=quotes)
        except (OperationalError, InterfaceError):
            raise  # the database is unavailable: the next run goes on from here
        except OffQuotes as error:
            log.warning("swaps of %s wait: %s", login, error)
            waiting.append(login)
        except Exception:
            # One account that cannot be charged must not keep all the others from the day's end.
            log.exception("swaps of %s failed", login)
            waiting.append(login)
    return Booked(night.night, trades, waiting)
