"""What an order would cost and lead to, computed without placing it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.models import Account
from core.errors import BrokerError
from core.money import cents
from market.quotes import LatestQuotes, Quote, Quotes
from trading.errors import NoMoney
from trading.events import shown_figures
from trading.services.common import admit, charge, figures_with, valuation_of
from trading.services.drafts import Draft, Request, draft
from trading.valuation import Valuation


@dataclass(frozen=True, slots=True)
class Outcome:
    """An order's figures in the account's currency; None where it is refused before."""

    margin: Decimal | None = None
    margin_after: Decimal | None = None  # of all positions
    margin_free_after: Decimal | None = None
    margin_level_after: Decimal | None = None
    commission: Decimal | None = None
    price: Decimal | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QuotesBut:
    """Quotes in which one symbol has another price."""

    quotes: Quotes
    other: Quote

    def get(self, symbol: str) -> Quote | None:
        return self.other if symbol == self.other.symbol else self.quotes.get(symbol)


def check(*, account: Account, asked: Request, quotes: Quotes | None = None) -> Outcome:
    """Check the order as opening it would, and write nothing; `error` is the refusal's code.

    A pending is not refused for its margin, which is checked at its activation; its figures
    are those at its activation, with the other symbols' prices as they are now.
    """
    try:
        outcome, refusal = foresee(account=account, asked=asked, quotes=quotes)
    except BrokerError as error:
        return Outcome(error=error.code)
    return replace(outcome, error=refusal.code) if refusal else outcome


def foresee(
    *, account: Account, asked: Request, quotes: Quotes | None = None
) -> tuple[Outcome, NoMoney | None]:
    """Return the estimate, with the refusal of an order that the free margin does not carry.

    Raises:
        BrokerError: opening it would be refused for any other reason.
    """
    quotes = quotes or LatestQuotes()
    drafted = draft(account, asked, quotes)
    trade, price, refusal = drafted.trade, drafted.trade.open_price, None
    if trade.is_pending:
        valuation = valuation_of(account, QuotesBut(quotes, at_activation(drafted)))
        charge(valuation, trade, price)
        return _outcome(valuation, drafted), None
    valuation = valuation_of(account, quotes)
    try:
        admit(valuation, trade, price, drafted.live)
    except NoMoney as error:
        refusal = error
    return _outcome(valuation, drafted), refusal


def at_activation(drafted: Draft) -> Quote:
    """Return the quote that would fill the pending at its price, with the present spread."""
    quote, trade = drafted.quote, drafted.trade
    way = trade.open_price - quote.opening(trade.direction)
    return replace(quote, bid=quote.bid + way, ask=quote.ask + way)


def _outcome(valuation: Valuation, drafted: Draft) -> Outcome:
    """Return the figures around an order whose commission and margin rate are computed."""
    before = valuation.used_margin(trade for trade in drafted.live if trade.is_position)
    after = figures_with(valuation, drafted.trade, drafted.live)
    shown = shown_figures(valuation.group, after)
    return Outcome(
        margin=cents(after.margin - before, valuation.currency),
        margin_after=shown["margin"],
        margin_free_after=shown["margin_free"],
        margin_level_after=shown["margin_level"],
        commission=drafted.trade.commission,
        price=drafted.trade.open_price,
    )
