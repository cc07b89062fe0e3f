"""Accounts, positions and quotes in memory, for the real valuation without a database."""

from decimal import Decimal as D
from typing import Any

from accounts.models import Account, Group
from market.conversion import Converter
from market.models import Symbol
from market.quotes.quote import FixedQuotes, Quote
from trading.valuation.account import Valuation
from trading.valuation.positions import Position

Prices = dict[str, tuple[str, str]]


def symbol(name: str = "EURUSD", **fields: Any) -> Symbol:
    """Return an unsaved symbol; the currencies are read from a pair's name."""
    known: dict[str, Any] = {
        "currency": name[:3],
        "quote_currency": name[3:6],
        "margin_currency": name[:3],
        "contract_size": D(100_000),
    }
    return Symbol(name=name, **{**known, **fields})


def fixed_quotes(prices: Prices) -> FixedQuotes:
    """Return bid and ask by symbol."""
    return FixedQuotes({n: Quote(n, D(bid), D(ask), 0, 0, 1) for n, (bid, ask) in prices.items()})


def make_valuation(
    prices: Prices,
    *symbols: Symbol,
    currency: str = "USD",
    leverage: int = 100,
    balance: str = "10000",
    **group: Any,
) -> Valuation:
    """Return a strict valuation at these prices; priced names that are not given are pairs."""
    given = {one.name: one for one in symbols}
    account = Account(leverage=leverage, balance=D(balance), credit=D(0))
    account.group = Group(currency=currency, **group)
    known = [given.get(name) or symbol(name) for name in prices]
    return Valuation(account, Converter(known), fixed_quotes(prices), strict=True)


def position(
    of: Symbol, direction: int, volume: int, price: str | D, rate: str | D = "1", **fields: Any
) -> Position:
    """Return an open position; `rate` is its margin's conversion rate."""
    costs = {"commission": D(0), "storage": D(0), **fields}
    return Position(1, of, direction, volume, D(price), margin_rate=D(rate), **costs)
