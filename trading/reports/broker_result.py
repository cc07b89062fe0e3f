"""The broker's result of a period by day, group or symbol: what clients won, lost and paid.

All amounts are those of the ledger and in the account's currency, signed as the clients' balances
move. What clients lose is the broker's: there is no other side of their trades.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models

from core.clock import DAY_S
from core.money import ZERO
from market import catalog
from market.models import LOT
from market.quotes.quote import LatestQuotes, Quotes
from trading.reports.posted_rows import KINDS_CTES, SUMS
from trading.valuation.formulas import tick_factor
from trading.valuation.reporting_rates import rates_to


class Grouping(models.TextChoices):
    """What a report has a row for."""

    DAY = "day", "day"
    GROUP = "group", "account group"
    SYMBOL = "symbol", "symbol"


class Period(NamedTuple):
    """Whole days in UTC, the last one included."""

    first: date
    last: date

    @property
    def begin(self) -> int:
        """Return the first second, in unix seconds."""
        return int(datetime(*self.first.timetuple()[:3], tzinfo=UTC).timestamp())

    @property
    def end(self) -> int:
        """Return the first second after the period, in unix seconds."""
        return int(datetime(*self.last.timetuple()[:3], tzinfo=UTC).timestamp()) + DAY_S


@dataclass(slots=True)
class ResultSums:
    """What was posted; `volume` in minimal lots closed, `value` in the reporting currency.

    `mark_up` is what the clients' profits already bear: the broker's result contains it.
    """

    profit: Decimal = ZERO
    commission: Decimal = ZERO
    swap: Decimal = ZERO
    compensation: Decimal = ZERO
    correction: Decimal = ZERO
    deposit: Decimal = ZERO
    withdrawal: Decimal = ZERO
    credit: Decimal = ZERO
    mark_up: Decimal = ZERO
    volume: int = 0
    value: float = 0.0
    trades: int = 0
    active: int = 0
    opened: int = 0

    @property
    def broker_result(self) -> Decimal:
        """Return what the broker won by trading and charges, positive for a gain."""
        charges = self.commission + self.swap + self.compensation + self.correction
        return -(self.profit + charges)

    @property
    def net_deposit(self) -> Decimal:
        """Return what clients paid in without what they took out."""
        return self.deposit + self.withdrawal

    @property
    def balance_change(self) -> Decimal:
        """Return by how much the clients' balances moved."""
        return self.net_deposit - self.broker_result

    def add(self, other: "ResultSums", rate: Decimal = Decimal(1)) -> None:
        """Add other sums, their money converted at `rate`."""
        for field in fields(other):
            value = getattr(other, field.name)
            value = value * rate if isinstance(value, Decimal) else value
            setattr(self, field.name, getattr(self, field.name) + value)


ResultKey = str  # a day as 2026-11-28, a group's name, or a symbol; empty: of no symbol


@dataclass(slots=True)
class BrokerResult:
    """The report: sums by key and currency, and over the whole period by currency."""

    period: Period
    grouping: Grouping
    rows: dict[tuple[ResultKey, str], ResultSums]
    totals: dict[str, ResultSums]
    rates: dict[str, float]

    @property
    def missing_rates(self) -> list[str]:
        """Return the currencies that nothing converts."""
        return sorted(self.totals.keys() - self.rates.keys())

    def converted(self) -> dict[ResultKey, ResultSums]:
        """Return the sums by key in the reporting currency, without what nothing converts."""
        found: dict[ResultKey, ResultSums] = {}
        for (key, currency), sums in self.rows.items():
            if currency in self.rates:
                found.setdefault(key, ResultSums()).add(sums, Decimal(str(self.rates[currency])))
        return found

    def converted_total(self) -> ResultSums:
        """Return the sums over all currencies that can be converted, in the reporting currency."""
        total = ResultSums()
        for currency, sums in self.totals.items():
            if currency in self.rates:
                total.add(sums, Decimal(str(self.rates[currency])))
        return total


KEYS = {  # of a row's time, symbol and group
    Grouping.DAY: "{time} / 86400",
    Grouping.GROUP: "of_group.name",
    Grouping.SYMBOL: "coalesce({symbol}, '')",
}
OF_GROUPS = """
    JOIN accounts_account AS account USING (login)
    JOIN accounts_group AS of_group ON of_group.id = account.group_id
"""
VISIBLE = "(%s::bigint[] IS NULL OR account.group_id = ANY(%s::bigint[]))"
POSTED = f"""
    WITH RECURSIVE {KINDS_CTES}
    SELECT {{key}} AS key, of_group.currency, {SUMS},
        coalesce(sum(volume) FILTER (WHERE kind = 'trade'), 0)::bigint AS volume,
        coalesce(sum(volume * close_price::float8 * of_lot.value) FILTER (WHERE kind = 'trade'), 0)
            AS value,
        count(*) FILTER (WHERE kind = 'trade') AS trades
    FROM kinds {OF_GROUPS}
    LEFT JOIN unnest(%s::text[], %s::float8[]) AS of_lot (symbol, value)
        ON of_lot.symbol = kinds.symbol
    WHERE {VISIBLE} GROUP BY 1, 2
"""  # noqa: S608 - constants
# Distinct accounts cannot be added up: the period's number is counted beside that of each key.
ACTIVE = f"""
    SELECT {{key}} AS key, of_group.currency, count(DISTINCT login), grouping({{key}})
    FROM (
        SELECT login, symbol, close_time AS time FROM trading_trade
        WHERE state IN (3, 4) AND cmd IN (0, 1)
        AND close_time > 0 AND close_time >= %s AND close_time < %s
        UNION ALL
        SELECT login, symbol, open_time FROM trading_trade
        WHERE cmd IN (0, 1) AND open_time >= %s AND open_time < %s
    ) AS deals {OF_GROUPS}
    WHERE {VISIBLE} GROUP BY GROUPING SETS (({{key}}, of_group.currency), (of_group.currency))
"""  # noqa: S608 - constants
OPENED = f"""
    SELECT {{key}} AS key, of_group.currency, count(*)
    FROM accounts_user AS person {OF_GROUPS}
    WHERE person.type = 0 AND person.regdate >= %s AND person.regdate < %s AND {VISIBLE}
    GROUP BY 1, 2
"""  # noqa: S608 - constants


def read_result(
    period: Period,
    grouping: Grouping,
    groups: Collection[int] | None = None,
    quotes: Quotes | None = None,
) -> BrokerResult:
    """Return the report over the accounts of `groups`, None for all.

    Volumes and what is converted are worth what they are at the newest quotes.
    """
    quotes = quotes or LatestQuotes()
    visible = None if groups is None else list(groups)
    rows = _read_posted(period, grouping, visible, quotes)
    totals: dict[str, ResultSums] = {}
    for (_, currency), sums in rows.items():
        totals.setdefault(currency, ResultSums()).add(sums)
    _add_active(period, grouping, visible, rows, totals)
    if grouping is not Grouping.SYMBOL:
        _add_opened(period, grouping, visible, rows, totals)
    target, paths = settings.REPORTING_CURRENCY, catalog.current_converter()
    return BrokerResult(
        period,
        grouping,
        dict(sorted(rows.items())),
        totals,
        rates_to(totals, target, paths, quotes),
    )


Rows = dict[tuple[ResultKey, str], ResultSums]


def _read_posted(
    period: Period, grouping: Grouping, visible: list[int] | None, quotes: Quotes
) -> Rows:
    """Return the sums of what was posted by key and currency."""
    factors = value_factors(quotes)
    columns = list(factors), list(factors.values())
    parameters = (period.begin, period.end, None, None, *columns, visible, visible)
    found: Rows = {}
    key = KEYS[grouping].format(time="close_time", symbol="of_symbol")
    with connection.cursor() as cursor:
        cursor.execute(POSTED.format(key=key), parameters)
        names = [column[0] for column in cursor.description[2:]]
        for value, currency, *sums in cursor.fetchall():
            found[_key_text(value), currency] = ResultSums(**dict(zip(names, sums, strict=True)))
    return found


def _add_active(
    period: Period,
    grouping: Grouping,
    visible: list[int] | None,
    rows: Rows,
    totals: dict[str, ResultSums],
) -> None:
    """Add how many accounts opened or closed a position."""
    key = KEYS[grouping].format(time="time", symbol="symbol")
    times = period.begin, period.end
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE.format(key=key), (*times, *times, visible, visible))
        for value, currency, count, is_total in cursor.fetchall():
            if is_total:
                totals.setdefault(currency, ResultSums()).active = count
            else:
                rows.setdefault((_key_text(value), currency), ResultSums()).active = count


def _add_opened(
    period: Period,
    grouping: Grouping,
    visible: list[int] | None,
    rows: Rows,
    totals: dict[str, ResultSums],
) -> None:
    """Add how many clients' accounts were opened."""
    key = KEYS[grouping].format(time="regdate", symbol="")
    parameters = (period.begin, period.end, visible, visible)
    with connection.cursor() as cursor:
        cursor.execute(OPENED.format(key=key), parameters)
        for value, currency, count in cursor.fetchall():
            rows.setdefault((_key_text(value), currency), ResultSums()).opened = count
            totals.setdefault(currency, ResultSums()).opened += count


def value_factors(quotes: Quotes) -> dict[str, float]:
    """Return by symbol what a minimal lot at a price of 1 is worth in the reporting currency.

    Symbols whose currency nothing converts are left out.
    """
    symbols, converter = catalog.current_catalog().symbols, catalog.current_converter()
    currencies = {symbol.quote_currency for symbol in symbols.values()}
    rates = rates_to(currencies, settings.REPORTING_CURRENCY, converter, quotes)
    return {
        name: float(symbol.contract_size * tick_factor(symbol)) / LOT * rates[symbol.quote_currency]
        for name, symbol in symbols.items()
        if symbol.quote_currency in rates
    }


def _key_text(value: int | str) -> ResultKey:
    """Return a unix day as its date; all else is text already."""
    if isinstance(value, str):
        return value
    return f"{datetime.fromtimestamp(value * DAY_S, UTC):%Y-%m-%d}"
