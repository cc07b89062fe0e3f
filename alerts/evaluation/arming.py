"""Arms alerts: from which quote on they count, and their first wake levels."""

from decimal import Decimal

from alerts.conditions import wake_prices
from alerts.enums import MOVING_CONDITIONS, AlertSide
from alerts.evaluation.queries import last_evaluated_seq_no
from alerts.models import Alert
from core.clock import now
from market.errors import OffQuotes
from market.group_quotes import current_price_views
from market.quotes.quote import LatestQuotes, Quote


def arm_alert(alert: Alert, reference: Decimal | None = None, since: int | None = None) -> None:
    """Arm the alert from now on, as if it had never fired.

    A moving condition measures from `reference` (of unix time `since`), by default the
    price now, as the account sees it.

    Raises:
        OffQuotes: a moving condition has no reference and no quote to take it from.
    """
    seen = last_evaluated_seq_no()  # read first: the quote is not older than it
    quote = LatestQuotes().get(alert.symbol_id)
    view = current_price_views().view_of(alert.account.group_id, alert.symbol_id)
    if quote is not None and view is not None:
        quote = quote.with_markup(view.markup, alert.symbol)
    alert.seen, alert.fresh, alert.armed = max(seen, quote.seq_no if quote else 0), True, True
    alert.rests_until, alert.armed_at = 0, now()
    if alert.condition in MOVING_CONDITIONS:
        _set_reference(alert, quote, reference, since)
    price = float(_price_of_side(alert, quote)) if quote else None
    state = alert.condition_state(alert.symbol.quote_timeout)
    alert.set_wake_prices(wake_prices(state, price), view)


def continue_watching(alert: Alert) -> None:
    """Mark an edited alert as unevaluated without a gap: from exactly where it is evaluated.

    The alert's row is locked, so its state is not older than the checkpoint that is read
    here.
    """
    if not alert.fresh:
        alert.seen, alert.fresh = last_evaluated_seq_no(), True


def _set_reference(
    alert: Alert, quote: Quote | None, sent: Decimal | None, since: int | None
) -> None:
    """Set the reference of a moving condition: the sent price, or the newest quote."""
    if sent:
        alert.reference_price, alert.reference_time = sent, since or now()
    elif quote is None:
        raise OffQuotes(f"reference_price: there is no quote of {alert.symbol_id} to start from")
    else:
        alert.reference_price = _price_of_side(alert, quote)
        alert.reference_time = since or quote.time // 1000


def _price_of_side(alert: Alert, quote: Quote) -> Decimal:
    """Return the quote's price on the alert's side."""
    return quote.bid if alert.side == AlertSide.BID else quote.ask
