"""The margin status of accounts: by floats where these are sure, else by `trading.valuation`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from accounts.models import Account, Group
from market.errors import OffQuotes
from market.group_quotes import QuotesWithTerms
from market.quotes.quote import Quotes
from trading.engine.risk.accounts import MarginLevels, rounding_slack
from trading.enums import DIRECTIONS, LevelType
from trading.models import Trade
from trading.services.margin_actions import MarginSnapshot, RecordingQuotes
from trading.services.stop_out import must_stop_out
from trading.valuation.account import Figures, Valuation, has_recovered
from trading.valuation.positions import Position
from trading.what_if.account_values import AccountValues, Conditions
from trading.what_if.positions_table import PositionsTable

COLUMNS = ("volume", "open_price", "commission", "storage", "margin_rate")


class MarginStatus(IntEnum):
    """What the margin rules ask of an account."""

    OK = 0
    CALL = 1
    STOP_OUT = 2


@dataclass(frozen=True, slots=True)
class FloatStatuses:
    """The accounts' status by floats, and whether a rounding might change it."""

    status: NDArray[np.int64]
    near: NDArray[np.bool_]
    level: NDArray[np.float64]  # infinite without margin


def status_by_floats(
    held: PositionsTable, values: AccountValues, groups: Mapping[int, Group]
) -> FloatStatuses:
    """Return every account's status, by its group's levels."""
    limits = {
        number: MarginLevels.from_group(groups[number])
        for number in np.unique(held.groups).tolist()
    }
    ids = np.array(sorted(limits), np.int64)
    table = np.array([limits[number] for number in ids.tolist()]).reshape(len(ids), -1)
    least, most, *levels = table[np.searchsorted(ids, held.groups)].T
    equity = held.own + values.floating
    base = held.own + np.clip(values.floating, least, most)
    stop, call, end = (
        factor * values.margin + money for factor, money in (levels[0:2], levels[2:4], levels[4:6])
    )
    skips_hedged = np.array(
        [groups[number].stopout_skip_hedged for number in ids.tolist()], np.bool_
    )
    left = skips_hedged[np.searchsorted(ids, held.groups)] & values.covered & (equity > 0)
    has = values.margin > 0
    stopped = np.where(has, (base <= stop) & ~left, equity <= 0)
    called = has & ((base < call) | (base <= stop) | held.called & (base < end))
    status = np.where(
        stopped, MarginStatus.STOP_OUT, np.where(called, MarginStatus.CALL, MarginStatus.OK)
    )
    slack = rounding_slack(abs(held.own) + abs(values.floating) + values.margin)
    gaps = np.minimum.reduce([abs(base - stop), abs(base - call), abs(base - end), abs(equity)])
    level = np.full(len(base), np.inf)
    np.divide(base, values.margin, out=level, where=has)
    return FloatStatuses(status, gaps <= slack, level)


@dataclass(frozen=True, slots=True)
class ExactStatus:
    """One account's exact status; without figures where a price is missing."""

    figures: Figures | None
    status: MarginStatus


def exact_statuses(
    logins: Iterable[int], conditions: Conditions, quotes: Quotes
) -> dict[int, ExactStatus]:
    """Return these accounts' status under the conditions, by the valuation of a stop-out."""
    rows = Trade.objects.positions().filter(account__in=list(logins)).order_by("order")
    held: dict[int, list[Position]] = defaultdict(list)
    columns = ("account_id", "account__group", "order", "symbol_id", "cmd", *COLUMNS)
    for login, group, order, name, cmd, *figures in rows.values_list(*columns):
        symbol = conditions.catalog.instrument(conditions.groups[group], name)
        held[login].append(Position(order, symbol, DIRECTIONS[cmd], *figures))
    accounts = Account.objects.filter(pk__in=list(held))
    return {one.login: _exact_status(one, held[one.login], conditions, quotes) for one in accounts}


def _exact_status(
    account: Account, held: list[Position], conditions: Conditions, quotes: Quotes
) -> ExactStatus:
    account.group = conditions.groups[account.group_id]
    recording = RecordingQuotes(QuotesWithTerms(quotes, conditions.catalog))
    valuation = Valuation(account, conditions.catalog.converter, recording, strict=True)
    try:
        sums = valuation.sums_of(held)
    except OffQuotes:
        return ExactStatus(None, MarginStatus.OK)
    figures = valuation.figures_of_sums(sums)
    if must_stop_out(MarginSnapshot(account, sums, valuation, recording, figures)):
        return ExactStatus(figures, MarginStatus.STOP_OUT)
    low = figures.level_type is not LevelType.OK
    lasts = account.margin_called and not has_recovered(account.group, figures)
    return ExactStatus(figures, MarginStatus.CALL if low or lasts else MarginStatus.OK)
