"""An account's open positions with all that follows from them alone, cached by the account's `seq`.

Every change of a live trade appends an event and so moves `seq` in its transaction: while the
account's row has the `seq` that the positions were read with, they are still the same. What
somebody changes by hand in the database, without an event, is seen after LONGEST_CACHED. For routes
that read, outside of transactions: services may not import it and read under their lock.
"""

import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.enums import RateMode
from accounts.models import Account
from market.catalog import Catalog, current_catalog
from market.quotes.quote import LatestQuotes
from trading.valuation.account import Figures, Valuation
from trading.valuation.position_sums import exact_sum
from trading.valuation.positions import Position, load_account_snapshot
from trading.valuation.profit_terms import ProfitTerms, profit_terms

LONGEST_CACHED = 10.0  # seconds
MOST_POSITIONS = 20_000  # that a process keeps, of all accounts


@dataclass(slots=True, eq=False)
class Portfolio:
    """The positions of one account at one `seq`; `rows` belongs to the table of trades."""

    seq: int
    catalog: Catalog  # that has their symbols
    positions: list[Position]
    read_at: float = field(default_factory=time.monotonic)
    rows: Any = None
    terms: list[ProfitTerms] = field(init=False)
    storage: Decimal = field(init=False)
    commission: Decimal = field(init=False)
    _margins: dict[tuple[object, ...], Decimal] = field(default_factory=dict)
    _symbols: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.terms = [profit_terms(position) for position in self.positions]
        self.storage = exact_sum(position.storage for position in self.positions)
        self.commission = exact_sum(position.commission for position in self.positions)

    def used_margin(self, valuation: Valuation) -> Decimal:
        """Return the margin of all positions, which mostly depends on no quote."""
        group = valuation.group
        if group.margin_rate_mode == RateMode.MID:
            return valuation.used_margin(self.positions)
        leverage = valuation.account.leverage
        terms = leverage, valuation.currency, group.hedge_margin, group.hedge_price
        margin = self._margins.get(terms)
        if margin is None:
            margin = self._margins[terms] = valuation.used_margin(self.positions)
        return margin

    def needed_symbols(self, valuation: Valuation) -> tuple[str, ...]:
        """Return the symbols whose quotes are needed to value the positions."""
        needed = self._symbols.get(valuation.currency)
        if needed is None:
            instruments = {one.instrument.name: one.instrument for one in self.positions}
            needed = tuple(dict.fromkeys(valuation.symbols_for(instruments.values())))
            self._symbols[valuation.currency] = needed
        return needed

    def valuation(self, account: Account, quotes: LatestQuotes) -> Valuation:
        """Return the account's valuation, with the quotes of the positions read."""
        valuation = Valuation(account, self.catalog.converter, quotes)
        quotes.load(self.needed_symbols(valuation))
        return valuation


class PortfolioCache:
    """The portfolios of this process, at most MOST_POSITIONS positions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Drop all."""
        self._found: dict[int, Portfolio] = {}
        self._positions = 0

    def get(self, login: int, seq: int, catalog: Catalog) -> Portfolio | None:
        """Return the login's portfolio if it is that of `seq`, with these symbols, and not old."""
        cached = self._found.get(login)
        if cached is None or cached.seq != seq or cached.catalog is not catalog:
            return None
        return cached if time.monotonic() - cached.read_at < LONGEST_CACHED else None

    def put(self, login: int, portfolio: Portfolio) -> None:
        """Keep the portfolio in place of the one before."""
        with self._lock:
            before = self._found.pop(login, None)
            more = 1 + len(portfolio.positions)
            self._positions += more - (1 + len(before.positions) if before else 0)
            if self._positions > MOST_POSITIONS:
                self.clear()
                self._positions = more
            self._found[login] = portfolio


cached_portfolios = PortfolioCache()


def find_portfolio(account: Account) -> Portfolio:
    """Return the portfolio at the account's `seq`, which this request has read.

    Updates `account` where the positions have to be read: balance, credit and seq are then
    those of the same database snapshot.
    """
    login = account.login
    cached = cached_portfolios.get(login, account.seq, current_catalog())
    if cached is None:
        stored = load_account_snapshot(account)
        account.balance, account.credit, account.seq = stored.balance, stored.credit, stored.seq
        # A symbol that was only just created has replaced the catalog while it was looked up.
        cached = Portfolio(stored.seq, current_catalog(), stored.positions)
        cached_portfolios.put(login, cached)
    return cached


def cached_figures(account: Account, quotes: LatestQuotes) -> Figures:
    """Return `current_figures` of an account that this request has read."""
    portfolio = find_portfolio(account)
    valuation = portfolio.valuation(account, quotes)
    return valuation.figures_of(
        profit=exact_sum(valuation.floating_profits(portfolio.terms)),
        storage=portfolio.storage,
        commission=portfolio.commission,
        margin=portfolio.used_margin(valuation),
    )
