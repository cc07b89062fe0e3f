"""Tiles of the exposure: by symbol, by symbol and account group, and what a move would do."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from backoffice.columns import format_money, tone_of
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from market.models import format_lots
from trading.backoffice.exposure.notionals import Exposure, group_names, read_exposure
from trading.backoffice.risk_tiles import age_notes

EMPTY = "No open positions"
MOVES = (-5, -1, 1, 5)  # percent
MAX_GROUPS = 8  # columns of the table by group


def positions_url(symbol: str | None, group: int | None = None) -> str:
    """Return the URL of the open positions of a symbol, of an account group, or of both."""
    query = {"kind": "open"}
    if symbol is not None:
        query["symbol"] = symbol
    if group is not None:
        query["account__group__id__exact"] = str(group)
    return f"{reverse('admin:trading_trade_changelist')}?{urlencode(query)}"


def exposure_tile(user: User) -> list[Content]:
    """Return the exposure by symbol, the largest notional first; money in one currency."""
    exposure, unit = read_exposure(user), settings.REPORTING_CURRENCY
    held, closed = exposure.by_symbol(), exposure.closed_by_symbol()
    largest = max((abs(exposure.notional(name, one.net)) for name, one in held.items()), default=0)
    rows = [
        [
            Cell(name, url=positions_url(name)),
            *(format_lots(volume, thousands=True) for volume in (one.net, one.long, one.short)),
            _notional_cell(exposure, name, one.net, largest),
            _result_cell(closed.get(name, 0.0)),
            _result_cell(one.floating),
        ]
        for name, one in held.items()
    ]
    columns = (
        "Symbol", "#Net lots", "#Long", "#Short", f"#Net notional, {unit}",
        f"#Closed today, {unit}", f"#Floating, {unit}",
    )  # fmt: skip
    return [Table(columns, rows, empty=EMPTY), *_notes(exposure)]


def totals_tile(user: User) -> list[Content]:
    """Return the clients' results and what they hold, over all symbols."""
    exposure, unit = read_exposure(user), settings.REPORTING_CURRENCY
    held = exposure.by_symbol()
    floating = sum(one.floating for one in held.values())
    closed = sum(exposure.closed.values())
    gross = sum(exposure.notional(name, one.long + one.short) for name, one in held.items())
    net = sum(abs(exposure.notional(name, one.net)) for name, one in held.items())
    return [
        FigureList(
            [
                (f"Clients' floating result, {unit}", _result_cell(floating)),
                (f"Clients' result closed today, {unit}", _result_cell(closed)),
                (f"Long and short together, {unit}", format_money(gross, unit)),
                (f"Net of each symbol together, {unit}", format_money(net, unit)),
            ]
        ),
        *_notes(exposure),
    ]


def what_if_tile(user: User) -> list[Content]:
    """Return how the clients' result would change if a symbol moved by some percent."""
    exposure, unit = read_exposure(user), settings.REPORTING_CURRENCY
    rows = [
        [
            Cell(name, url=positions_url(name)),
            format_money(exposure.notional(name, one.net), unit),
            _result_cell(one.floating),
            *(_result_cell(exposure.notional(name, one.net) * move / 100) for move in MOVES),
        ]
        for name, one in exposure.by_symbol().items()
    ]
    moves = (f"#{move:+} %".replace("-", "−") for move in MOVES)
    columns = ("Symbol", f"#Net notional, {unit}", f"#Floating, {unit}", *moves)
    return [
        Table(columns, rows, empty=EMPTY),
        Note("What clients would win or lose in addition; conversions stay as they are."),
    ]


def groups_tile(user: User) -> list[Content]:
    """Return results by account group and net notionals by symbol, the largest groups first."""
    exposure, unit = read_exposure(user), settings.REPORTING_CURRENCY
    groups = exposure.groups()
    results = exposure.results_by_group()
    chosen, names = groups[:MAX_GROUPS], group_names(results)
    rows = [
        [
            Cell(name, url=positions_url(name)),
            *(_group_cell(exposure, name, group) for group in chosen),
        ]
        for name in exposure.by_symbol()
    ]
    headers = ("Symbol", *(f"#{names.get(group, group)}" for group in chosen))
    more = len(groups) - len(chosen)
    notes = [Note(f"{more} further groups hold less.")] if more > 0 else []
    note = Note(f"Net notional in {unit}; a click shows the positions.")
    return [
        _results_table(exposure, results, names),
        Table(headers, rows, empty=EMPTY),
        note,
        *notes,
    ]


def _results_table(
    exposure: Exposure, results: dict[int, tuple[float, float]], names: dict[int, str]
) -> Table:
    """Return what the clients of each account group have won, floating and closed today."""
    unit, books = settings.REPORTING_CURRENCY, exposure.summary.groups
    rows = [
        [
            Cell(names.get(group, str(group)), url=positions_url(None, group)),
            f"{books[group].accounts if group in books else 0:,}",
            f"{books[group].trades if group in books else 0:,}",
            _result_cell(closed),
            _result_cell(floating),
        ]
        for group, (floating, closed) in results.items()
    ]
    columns = (
        "Account group", "#Accounts with positions", "#Positions", f"#Closed today, {unit}",
        f"#Floating, {unit}",
    )  # fmt: skip
    return Table(columns, rows, empty=EMPTY)


def _group_cell(exposure: Exposure, symbol: str, group: int) -> Cell | str:
    held = exposure.holdings.get((symbol, group))
    if held is None:
        return ""
    text = format_money(exposure.notional(symbol, held.net), settings.REPORTING_CURRENCY)
    return Cell(text, url=positions_url(symbol, group))


def _notional_cell(exposure: Exposure, symbol: str, volume: float, largest: float) -> Cell:
    value = exposure.notional(symbol, volume)
    text = format_money(value, settings.REPORTING_CURRENCY)
    return Cell(text, share=round(value / largest, 3) if largest else 0.0)


def _result_cell(amount: float) -> Cell:
    text = format_money(amount, settings.REPORTING_CURRENCY)
    return Cell(text, tone=tone_of(round(amount, 2)))


def _notes(exposure: Exposure) -> list[Content]:
    """Return what is old or missing in the figures."""
    missing = exposure.missing
    without = [Note(f"without rate: {', '.join(missing)}", "warn")] if missing else []
    return [*age_notes(exposure.summary), *without]
