"""What an order would cost and lead to, computed without placing it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.models import Account
from core.errors import BrokerError
from core.money import round_to_currency
from market import visibility
from market.catalog import Catalog, instrument_of
from market.group_quotes import catalog_of, market_quotes, quotes_of_group
from market.quotes.quote import LatestQuotes, Quote, Quotes
from trading.errors import NoMoney
from trading.events import rounded_figures
from trading.services.live_orders import load_live_trades
from trading.services.order_request import OrderContext, OrderRequest, PreparedOrder, prepare_order
from trading.services.position_admission import admit_position, apply_charges, strict_valuation
from trading.valuation.account import Valuation


@dataclass(frozen=True, slots=True)
class OrderEstimate:
    """An order's figures in the account's currency; None where it is refused before."""

    margin: Decimal | None = None
    margin_after: Decimal | None = None  # of all positions
    margin_free_after: Decimal | None = None
    margin_level_after: Decimal | None = None
    commission: Decimal | None = None
    price: Decimal | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QuotesWithOverride:
    """The market's quotes with another price of one symbol."""

    quotes: Quotes
    override: Quote
    catalog: Catalog | None  # whose terms mark them up

    def get(self, symbol: str) -> Quote | None:
        return self.override if symbol == self.override.symbol else self.quotes.get(symbol)


def check_order(
    *, account: Account, request: OrderRequest, quotes: Quotes | None = None
) -> OrderEstimate:
    """Check the order as opening it would, and write nothing; `error` is the refusal's code.

    A pending is not refused for its margin, which is checked at its activation; its figures
    are those at its activation, with the other symbols' prices as they are now.
    """
    try:
        estimate, refusal = estimate_order(account=account, request=request, quotes=quotes)
    except BrokerError as error:
        return OrderEstimate(error=error.code)
    return replace(estimate, error=refusal.code) if refusal else estimate


def estimate_order(
    *, account: Account, request: OrderRequest, quotes: Quotes | None = None
) -> tuple[OrderEstimate, NoMoney | None]:
    """Return the estimate, with the refusal of an order that the free margin does not carry.

    Raises:
        BrokerError: opening it would be refused for any other reason.
    """
    quotes = quotes_of_group(quotes or LatestQuotes(), account.group)
    stored = visibility.stored_symbol(request.symbol)
    symbol = None if stored is None else instrument_of(account.group_id, stored)
    context = OrderContext(account, symbol, load_live_trades(account))
    prepared = prepare_order(context, request, quotes)
    trade, price, refusal = prepared.trade, prepared.trade.open_price, None
    if trade.is_pending:
        override = activation_quote(prepared)
        at_activation = QuotesWithOverride(market_quotes(quotes), override, catalog_of(quotes))
        valuation = strict_valuation(account, at_activation)
        apply_charges(valuation, trade, price)
        return _estimate(valuation, prepared), None
    valuation = strict_valuation(account, quotes)
    sums = valuation.sums_of(prepared.positions)
    try:
        admit_position(valuation, trade, price, sums)
    except NoMoney as error:
        refusal = error
    return _estimate(valuation, prepared), refusal


def activation_quote(prepared: PreparedOrder) -> Quote:
    """Return the market's quote that would fill the pending at its price, with its spread now."""
    market, trade = prepared.quote.market, prepared.trade
    distance = trade.open_price - prepared.quote.opening_price(trade.direction)
    return replace(market, bid=market.bid + distance, ask=market.ask + distance)


def _estimate(valuation: Valuation, prepared: PreparedOrder) -> OrderEstimate:
    """Return the figures around an order whose commission and margin rate are computed."""
    before = valuation.used_margin(prepared.positions)
    after = valuation.figures([*prepared.positions, prepared.trade])
    amounts = rounded_figures(valuation.group, after)
    return OrderEstimate(
        margin=round_to_currency(after.margin - before, valuation.currency),
        margin_after=amounts["margin"],
        margin_free_after=amounts["margin_free"],
        margin_level_after=amounts["margin_level"],
        commission=prepared.trade.commission,
        price=prepared.trade.open_price,
    )
