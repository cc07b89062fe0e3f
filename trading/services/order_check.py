"""What an order would cost and lead to, computed without placing it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.models import Account
from core.errors import BrokerError
from core.money import round_to_currency
from market.quotes.quote import LatestQuotes, Quote, Quotes
from market.visibility import stored_symbol
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
    """Quotes in which one symbol has another price."""

    quotes: Quotes
    override: Quote

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
    quotes = quotes or LatestQuotes()
    stored = stored_symbol(request.symbol)
    context = OrderContext(account, stored, load_live_trades(account))
    prepared = prepare_order(context, request, quotes)
    trade, price, refusal = prepared.trade, prepared.trade.open_price, None
    if trade.is_pending:
        valuation = strict_valuation(
            account, QuotesWithOverride(quotes, activation_quote(prepared))
        )
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
    """Return the quote that would fill the pending at its price, with the present spread."""
    quote, trade = prepared.quote, prepared.trade
    distance = trade.open_price - quote.opening_price(trade.direction)
    return replace(quote, bid=quote.bid + distance, ask=quote.ask + distance)


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
