"""What clients hold in one currency: notionals, floating results, and what was closed today.

Money is in the reporting currency at mid, of the clients' side: a positive net is long.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import F, Sum

from accounts.models import Group, User
from core.clock import DAY_S, now
from market.catalog import current_catalog
from market.quotes.quote import LatestQuotes
from trading.backoffice.money_tiles import Row, cached_rows
from trading.backoffice.read_book_summary import (
    NO_HOLDING,
    BookSummary,
    SymbolHolding,
    read_summary,
)
from trading.enums import MARKET_CMDS
from trading.models import Trade
from trading.valuation import formulas
from trading.valuation.reporting_rates import rates_to

CLOSED_LIFE = 15  # seconds
Cell = tuple[str, int]  # symbol and account group


@dataclass(slots=True)
class Exposure:
    """Holdings and results by symbol and account group, in the reporting currency.

    `lot_values` are the notionals of a minimal lot; `missing` the currencies and symbols that have
    no rate: their money counts as nothing.
    """

    summary: BookSummary
    holdings: dict[Cell, SymbolHolding] = field(default_factory=dict)
    closed: dict[Cell, float] = field(default_factory=dict)
    lot_values: dict[str, float] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def by_symbol(self) -> dict[str, SymbolHolding]:
        """Return the holdings by symbol, the largest net notional first."""
        total: dict[str, SymbolHolding] = {}
        for (symbol, _), held in self.holdings.items():
            total[symbol] = total.get(symbol, NO_HOLDING).plus(held)
        ordered = sorted(total, key=lambda name: -abs(self.notional(name, total[name].net)))
        return {name: total[name] for name in ordered}

    def closed_by_symbol(self) -> dict[str, float]:
        """Return the results that were closed today by symbol."""
        total: dict[str, float] = defaultdict(float)
        for (symbol, _), amount in self.closed.items():
            total[symbol] += amount
        return total

    def results_by_group(self) -> dict[int, tuple[float, float]]:
        """Return the floating result and that closed today by group, the largest groups first."""
        floating: dict[int, float] = defaultdict(float)
        closed: dict[int, float] = defaultdict(float)
        for (_, group), held in self.holdings.items():
            floating[group] += held.floating
        for (_, group), amount in self.closed.items():
            closed[group] += amount
        groups = dict.fromkeys([*self.groups(), *sorted(closed)])
        return {group: (floating[group], closed[group]) for group in groups}

    def notional(self, symbol: str, volume: float) -> float:
        """Return the value of a volume in minimal lots, 0 without a price."""
        return self.lot_values.get(symbol, 0.0) * volume

    def groups(self) -> list[int]:
        """Return the account groups that hold something, the largest sum of notionals first."""
        gross: dict[int, float] = defaultdict(float)
        for (symbol, group), held in self.holdings.items():
            gross[group] += abs(self.notional(symbol, held.net))
        return sorted(gross, key=lambda group: -gross[group])


def read_exposure(user: User) -> Exposure:
    """Return the exposure of the accounts that the user may see.

    Raises:
        RedisError: Redis does not answer.
    """
    summary = read_summary(user.visible_groups)
    found = Exposure(summary)
    closed = cached_rows(f"closed:{now() // DAY_S}", CLOSED_LIFE, closed_today, user)
    currencies = {view.currency for view in summary.groups.values()}
    currencies |= {row["currency"] for row in closed}
    rates = _rates(currencies)
    for group, view in summary.groups.items():
        for symbol, held in view.symbols.items():
            rate = rates.get(view.currency, 0.0)
            found.holdings[symbol, group] = NO_HOLDING.plus(held, rate)
    for row in closed:
        found.closed[row["symbol"], row["group"]] = float(row["total"]) * rates.get(
            row["currency"], 0.0
        )
    symbols = {symbol for symbol, _ in found.holdings}
    found.lot_values = lot_values(symbols)
    found.missing = sorted((currencies - rates.keys()) | (symbols - found.lot_values.keys()))
    return found


def lot_values(symbols: Collection[str]) -> dict[str, float]:
    """Return the notional of a minimal lot by symbol; those without price or rate are left out."""
    catalog, quotes = current_catalog(), LatestQuotes()
    known = [catalog.symbols[name] for name in symbols if name in catalog.symbols]
    quotes.load(symbol.name for symbol in known)
    rates = _rates({symbol.quote_currency for symbol in known})
    values = {}
    for symbol in known:
        quote, rate = quotes.get(symbol.name), rates.get(symbol.quote_currency)
        if quote is not None and rate is not None:
            units = symbol.base_units(1) * formulas.tick_factor(symbol)
            values[symbol.name] = float(units * quote.mid) * rate
    return values


def _rates(currencies: Collection[str]) -> dict[str, float]:
    converter = current_catalog().converter
    return rates_to(currencies, settings.REPORTING_CURRENCY, converter, LatestQuotes())


def closed_today() -> list[Row]:
    """Return what clients have won by what was closed since midnight, by symbol and group."""
    begin = now() // DAY_S * DAY_S
    rows = Trade.objects.booked().filter(cmd__in=MARKET_CMDS, close_time__gte=begin)
    fields = {"group": F("account__group"), "currency": F("account__group__currency")}
    grouped = rows.order_by().values("symbol", **fields)
    totals = grouped.annotate(total=Sum(F("profit") + F("commission") + F("storage")))
    return [dict(row) for row in totals]


def group_names(groups: Collection[int]) -> dict[int, str]:
    """Return the names of account groups by id."""
    return dict(Group.objects.filter(pk__in=groups).values_list("pk", "name"))
