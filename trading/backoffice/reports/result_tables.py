"""The broker's result as tables, charts and rows of a file."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from backoffice.columns import NO_VALUE, exact_amount, format_amount, format_money
from backoffice.exports.cells import ExportCell
from backoffice.widgets.bar_chart import BarChart
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from core.spreadsheets import escape_formula
from market.models import LOT, format_lots
from trading.reports.broker_result import BrokerResult, Grouping, ResultSums

# The columns of money by title, in the order of the table.
MONEY = {
    "Broker's result": "broker_result",
    "of it mark-up": "mark_up",
    "Clients' result": "profit",
    "Commission": "commission",
    "Swap": "swap",
    "Compensation": "compensation",
    "Corrections": "correction",
    "Deposits": "deposit",
    "Withdrawals": "withdrawal",
    "Net deposits": "net_deposit",
    "Credit": "credit",
}
COUNTS = {"Trades": "trades", "Active clients": "active", "New clients": "opened"}
MOST_BARS = 12  # groups or symbols in a chart
SIGNS_NOTE = (
    "Amounts move clients' balances: what clients pay is negative. The broker's result is the"
    " opposite of clients' result, commission, swap, compensation and corrections together."
)
CLOSED_NOTE = (
    "Days are in UTC. A trade counts, with its commission and swaps, when it is closed; volume and"
    " what is converted are worth what they are at the newest quotes."
)


def result_contents(result: BrokerResult) -> list[tuple[str, list[Content]]]:
    """Return the titled parts of the page."""
    unit = settings.REPORTING_CURRENCY
    missing = result.missing_rates
    warning = [Note(f"Without rate, and not in it: {', '.join(missing)}", "warn")] * bool(missing)
    return [
        (f"Total in {unit}", [_total_figures(result), *warning]),
        ("Charts", _charts(result)),
        ("By currency", [_currency_table(result)]),
        (
            f"By {result.grouping.label}",
            [_detail_table(result), Note(SIGNS_NOTE), Note(CLOSED_NOTE)],
        ),
    ]


def _total_figures(result: BrokerResult) -> FigureList:
    """Return the sums of the period in the reporting currency."""
    total, unit = result.converted_total(), settings.REPORTING_CURRENCY
    money = [
        (title, Cell(format_money(getattr(total, name), unit), tone=_tone(total, name)))
        for title, name in MONEY.items()
    ]
    counts = [(title, f"{getattr(total, name):,}") for title, name in COUNTS.items()]
    volume = ("Lots closed", format_lots(total.volume, thousands=True))
    return FigureList([*money, volume, ("Volume", format_money(total.value, unit)), *counts])


def _tone(sums: ResultSums, name: str) -> str:
    """Return the tone of a figure: what the broker lost, or clients took away, is marked."""
    return "bad" if name in ("broker_result", "net_deposit") and getattr(sums, name) < 0 else ""


def _charts(result: BrokerResult) -> list[Content]:
    """Return bars of the broker's result and of net deposits."""
    found, unit = result.converted(), settings.REPORTING_CURRENCY
    if not found:
        return [Note("Nothing was posted.")]
    keys = list(_chart_keys(result, found))
    sums = [found.get(key, ResultSums()) for key in keys]
    labels = [key[5:] if result.grouping is Grouping.DAY else key or NO_VALUE for key in keys]
    results = [round(float(one.broker_result), 2) for one in sums]
    deposits = [round(float(one.net_deposit), 2) for one in sums]
    charts: list[Content] = [
        BarChart(f"Broker's result, {unit}", labels, [("broker's result", results)])
    ]
    if result.grouping is not Grouping.SYMBOL:
        charts.append(BarChart(f"Net deposits, {unit}", labels, [("net deposits", deposits)]))
    return charts


def _chart_keys(result: BrokerResult, found: dict[str, ResultSums]) -> Iterator[str]:
    """Yield all days of the period, or the groups or symbols with the largest results."""
    if result.grouping is not Grouping.DAY:
        yield from sorted(found, key=lambda key: -abs(found[key].broker_result))[:MOST_BARS]
        return
    day: date = result.period.first
    while day <= result.period.last:
        yield day.isoformat()
        day += timedelta(1)


def _headers(*first: str) -> tuple[str, ...]:
    volume = ("#Lots closed", f"#Volume, {settings.REPORTING_CURRENCY}")
    return (*first, *(f"#{title}" for title in MONEY), *volume, *(f"#{title}" for title in COUNTS))


def _currency_table(result: BrokerResult) -> Table:
    """Return the sums of the period by currency, in that currency."""
    rows = [
        [currency, *_cells(result.totals[currency], currency)] for currency in sorted(result.totals)
    ]
    return Table(_headers("Currency"), rows, empty="Nothing was posted.")


def _detail_table(result: BrokerResult) -> Table:
    """Return a row for each day, group or symbol and currency; the newest day first."""
    newest_first = result.grouping is Grouping.DAY
    rows = [
        [key or NO_VALUE, currency, *_cells(sums, currency)]
        for (key, currency), sums in sorted(
            result.rows.items(), key=lambda row: row[0][0], reverse=newest_first
        )
    ]
    title = result.grouping.label.capitalize()
    return Table(_headers(title, "Currency"), rows, empty="Nothing was posted.")


def _cells(sums: ResultSums, currency: str) -> list[object]:
    return [
        *(
            Cell(format_amount(getattr(sums, name), currency), tone=_tone(sums, name))
            for name in MONEY.values()
        ),
        format_lots(sums.volume, thousands=True),
        format_money(sums.value, settings.REPORTING_CURRENCY),
        *(f"{getattr(sums, name):,}" for name in COUNTS.values()),
    ]


def file_titles(result: BrokerResult) -> list[str]:
    """Return the headings of the file."""
    unit = settings.REPORTING_CURRENCY
    first = (result.grouping.label.capitalize(), "Currency")
    last = (f"Rate to {unit}", f"Broker's result in {unit}")
    return [*first, *(title.removeprefix("#") for title in _headers()), *last]


def file_rows(result: BrokerResult) -> Iterator[list[ExportCell]]:
    """Yield the rows of the file: those of the table, as numbers."""
    for (key, currency), sums in result.rows.items():
        rate = result.rates.get(currency)
        converted = None if rate is None else round(float(sums.broker_result) * rate, 2)
        yield [
            escape_formula(key),
            currency,
            *(exact_amount(getattr(sums, name), currency) for name in MONEY.values()),
            Decimal(sums.volume) / LOT,
            round(sums.value, 2),
            *_counts(sums),
            rate,
            converted,
        ]


def _counts(sums: ResultSums) -> Sequence[int]:
    return [getattr(sums, name) for name in COUNTS.values()]
