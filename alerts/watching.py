"""From which quote on an alert is watched, and what it wakes at until then."""

from decimal import Decimal

from alerts.conditions import wake
from alerts.enums import MOVING, Side
from alerts.evaluation_queries import last_evaluated_seq_no
from alerts.models import Alert
from core.clock import now
from market.errors import OffQuotes
from market.quotes import LatestQuotes, Quote


def start(alert: Alert, reference: Decimal | None = None, since: int | None = None) -> None:
    """Watch from now on, as if it had never fired.

    A moving condition measures from `reference` (of unix time `since`), by default the price now.

    Raises:
        OffQuotes: a moving condition without a reference, and no quote to take it from.
    """
    seen = last_evaluated_seq_no()  # before the quote, which then is not older than this place
    quote = LatestQuotes().get(alert.symbol_id)
    alert.seen, alert.fresh, alert.armed = max(seen, quote.number if quote else 0), True, True
    alert.rests_until = 0
    if alert.condition in MOVING:
        _refer(alert, quote, reference, since)
    price = float(_side(alert, quote)) if quote else None
    alert.wake_up, alert.wake_down = wake(alert.watch(alert.symbol.quote_timeout), price)


def go_on(alert: Alert) -> None:
    """Watch on with other words or another end, from exactly where the evaluation is.

    The alert's row is locked, so its state is not older than the place that is read here.
    """
    if not alert.fresh:
        alert.seen, alert.fresh = last_evaluated_seq_no(), True


def _refer(alert: Alert, quote: Quote | None, sent: Decimal | None, since: int | None) -> None:
    if sent:
        alert.reference_price, alert.reference_time = sent, since or now()
    elif quote is None:
        raise OffQuotes(f"reference_price: there is no quote of {alert.symbol_id} to start from")
    else:
        alert.reference_price = _side(alert, quote)
        alert.reference_time = since or quote.time // 1000


def _side(alert: Alert, quote: Quote) -> Decimal:
    return quote.bid if alert.side == Side.BID else quote.ask
