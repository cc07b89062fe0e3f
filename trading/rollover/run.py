"""The rollover: finds nights that are due and charges them, oldest first, as often as it runs.

Some hundred accounts are a transaction and what is charged is never charged again, so a run may
break off anywhere and two may coincide. A night is finished when no account is left.
"""

import logging
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from core.clock import now
from core.json import plain_digits
from core.leader import Leadership
from market.errors import OffQuotes
from market.quotes import tick_log
from market.quotes.quote import Quotes
from trading.models import EngineCheckpoint, Rollover, SwapCharge
from trading.rollover import day_end, swaps
from trading.rollover.nights import GRACE, register_nights
from trading.rollover.prices import quotes_of_night

ENGINE_WAIT = 3600  # seconds that a night waits for an engine whose checkpoint is before it
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NightResult:
    """What a run did for a night; `waiting` are the accounts that are to be tried again."""

    night: date
    trades: int
    waiting: list[int]

    def __str__(self) -> str:
        state = f"waiting: {', '.join(map(str, self.waiting))}" if self.waiting else "finished"
        return f"{self.night}: {self.trades} trades charged, {state}"


def run_rollover(
    *, night: date | None = None, at: int | None = None, quotes: Quotes | None = None
) -> list[NightResult]:
    """Charge the nights that are due, or only this one of them; return what was done for each.

    A finished night stays as it is. `at` is the time in unix seconds (now); `quotes` are the prices
    (those of the night). The result is empty when nothing is due, when another run is at work, and
    while the engine has yet to close what was to be closed before the moment.
    """
    at = now() if at is None else at
    if register_nights(at):
        day_end.write_day_end_balances(at - GRACE)
    due = Rollover.objects.filter(finished=0).order_by("night")
    if night:
        due = due.filter(pk=night)
    nights = [found for found in due if have_engines_caught_up(found.moment, at)]
    leader = Leadership("rollover")
    try:
        return _charge_nights(nights, at, quotes) if nights and leader.try_acquire() else []
    finally:
        leader.close()


def have_engines_caught_up(moment: int, at: int) -> bool:
    """Return whether every engine has processed the quotes up to the moment, or is not awaited.

    What a stop loss closed before the moment is not charged, also when the engine was down.
    """
    if at - moment > ENGINE_WAIT:
        return True
    # Batches are numbered by unix milliseconds.
    until = min(tick_log.newest_batch_number(), moment * 1000)
    return not EngineCheckpoint.objects.filter(batch__lt=until).exists()


def _charge_nights(nights: list[Rollover], at: int, quotes: Quotes | None) -> list[NightResult]:
    results = [
        _charge_night(night, quotes or quotes_of_night(night.moment, at)) for night in nights
    ]
    day_end.write_day_end_balances(at - GRACE)
    for night in (booked.night for booked in results if not booked.waiting):
        Rollover.objects.filter(pk=night, finished=0).update(finished=at, **charged_totals(night))
    for result in results:
        log.info("rollover %s", result)
    return results


def charged_totals(night: date) -> dict[str, object]:
    """Return how many trades a night has charged and the sums by currency, as its row has them."""
    currency_path = "trade__account__group__currency"
    rows = SwapCharge.objects.filter(night=night).values_list(currency_path).order_by(currency_path)
    sums = list(rows.annotate(Count("pk"), Sum("amount")))
    return {
        "charged": sum(count for _, count, _ in sums),
        "amounts": {currency: plain_digits(amount) for currency, _, amount in sums},
    }


def _charge_night(night: Rollover, quotes: Quotes) -> NightResult:
    trades, waiting = 0, []
    for decided in swaps.charge_accounts(night, quotes):
        trades += decided.result or 0
        if decided.error is None:
            continue
        # One account that cannot be charged must not keep all the others from the day's end.
        waiting.append(decided.login)
        if isinstance(decided.error, OffQuotes):
            log.warning("swaps of %s wait: %s", decided.login, decided.error)
        else:
            log.error("swaps of %s failed", decided.login, exc_info=decided.error)
    return NightResult(night.night, trades, waiting)
