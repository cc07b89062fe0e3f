"""An alert with the prices that it has seen since it was armed or fired last.

They are those that its account sees by the present terms of its group.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from redis.exceptions import RedisError

from alerts.backoffice.alert_distance import levels_of
from alerts.conditions import ConditionState
from alerts.enums import AlertSide, AlertStatus
from alerts.models import Alert
from core.clock import MINUTE_MS, MINUTE_S, now
from market.backoffice.silences import Silence, read_silences
from market.group_quotes import SeenPrices, current_price_views
from market.models import Symbol
from market.quotes import tick_log
from market.quotes.extremes import Extreme, PriceExtremes, read_bid_extremes
from market.quotes.quote import LatestQuotes, Quote


@dataclass(frozen=True)
class WatchedAlert:
    """An alert with its symbol, the newest quote, and what is read of the time that it watched."""

    alert: Alert
    symbol: Symbol
    quote: Quote | None  # as the account sees it
    view: SeenPrices | None
    end: int  # unix seconds: now, or when it stopped watching

    @cached_property
    def state(self) -> ConditionState:
        return self.alert.condition_state(self.symbol.quote_timeout)

    @cached_property
    def begin(self) -> int:
        """Return the unix second since which a quote may fire it."""
        armed = self.alert.armed_at or self.alert.created_at
        return max(armed, self.alert.triggered_at if self.state.repeat else 0)

    @property
    def side(self) -> str:
        return str(AlertSide(self.alert.side).label)

    @property
    def price(self) -> Decimal | None:
        """Return the newest price of the watched side."""
        return None if self.quote is None else self._own_side(self.quote)

    @cached_property
    def extremes(self) -> PriceExtremes | None:
        """Return the extremes of the watched side, from candles by their distance to it now."""
        running = MINUTE_S if self.alert.status == AlertStatus.ACTIVE else 0
        found = read_bid_extremes(self.symbol.name, self.begin, self.end + running)
        if found is not None:
            found = PriceExtremes(*(Extreme(self.as_seen(one.price), one.time) for one in found))
        return merge_extremes([found, self._first_minute(), self._newest()])

    @property
    def is_estimated(self) -> bool:
        """Return whether the extremes depend on today's spread: candles have no asks."""
        is_of_sum = self.view is not None and self.view.is_of_sum
        return bool(self.alert.side == AlertSide.ASK) or is_of_sum

    @cached_property
    def distance(self) -> Decimal:
        """Return how far the watched price is from the market's bid, of which candles are, now."""
        if self.quote is None:
            return Decimal(0)
        return self._own_side(self.quote) - self.quote.market.bid

    def as_seen(self, bid: Decimal) -> Decimal:
        """Return the watched price at a bid of the market, with the spread now."""
        return bid + self.distance

    @cached_property
    def silences(self) -> list[Silence]:
        return read_silences(self.symbol, self.begin, self.end)

    def passes_level(self, silence: Silence) -> bool:
        """Return whether the price was on another side of a level after the silence."""
        if silence.after is None:
            return False
        zones = [
            [self.as_seen(price) > level for level in levels_of(self.state)]
            for price in (silence.before, silence.after)
        ]
        return zones[0] != zones[1]

    def _newest(self) -> PriceExtremes | None:
        """Return the newest quote, which candles get up to a second later."""
        price, quote = self.price, self.quote
        if quote is None or price is None or not self.begin < quote.time // 1000 <= self.end:
            return None
        own = Extreme(price, quote.time // 1000)
        return PriceExtremes(own, own)

    def _own_side(self, quote: Quote) -> Decimal:
        return quote.bid if self.alert.side == AlertSide.BID else quote.ask

    def _see(self, quote: Quote) -> Quote:
        return quote if self.view is None else quote.with_markup(self.view.markup, self.symbol)

    def _first_minute(self) -> PriceExtremes | None:
        """Return the extremes of the rest of the first minute, as far as the tick log has it."""
        first, last = (self.begin + 1) * 1000, (self.begin // MINUTE_S + 1) * MINUTE_MS
        try:
            batches = list(tick_log.read_batches_with([self.symbol.name], first, last))
        except RedisError:
            return None
        ticks = (tick for batch in batches for tick in batch.ticks)
        quotes = [self._see(tick.to_quote()) for tick in ticks if tick.symbol == self.symbol.name]
        prices = [Extreme(self._own_side(quote), quote.time // 1000) for quote in quotes]
        return merge_extremes([PriceExtremes(one, one) for one in prices])


def merge_extremes(found: list[PriceExtremes | None]) -> PriceExtremes | None:
    """Return the extremes over all of these."""
    known = [one for one in found if one is not None]
    if not known:
        return None
    highest = max((one.high for one in known), key=lambda one: (one.price, -one.time))
    return PriceExtremes(highest, min(one.low for one in known))


def load_watched_alert(alert: Alert) -> WatchedAlert:
    """Return the alert with its symbol, the newest quote and the time that it watched until."""
    market = LatestQuotes().get(alert.symbol_id)
    view = current_price_views().view_of(alert.account.group_id, alert.symbol_id)
    end = now()
    if alert.status == AlertStatus.EXPIRED and alert.expires_at:
        end = min(end, alert.expires_at)
    elif alert.status != AlertStatus.ACTIVE:
        end = min(end, alert.updated_at)
    quote = market.with_markup(view.markup, alert.symbol) if market and view else market
    return WatchedAlert(alert, alert.symbol, quote, view, end)
