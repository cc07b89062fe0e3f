"""The margin status of accounts: by floats where these are sure, else by `trading.valuation`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from accounts.models import Account, Group
from market.errors import OffQuotes
from market.quotes import Quotes
from trading.engine.risk.accounts import Limits, slack_of
from trading.enums import DIRECTIONS, LevelType
from trading.impact.reading import Positions
from trading.impact.worth import Conditions, Worth
from trading.margin_log import Look, Noted
from trading.models import Trade
from trading.positions import Position
from trading.services.stopout_order import must_close
from trading.valuation import Figures, Valuation

COLUMNS = ("volume", "open_price", "commission", "storage", "margin_rate")


class Standing(IntEnum):
    """What the margin rules ask of an account."""

    OK = 0
    CALL = 1
    STOP_OUT = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """The accounts' status by floats, and whether a rounding might change it."""

    standing: NDArray[np.int64]
    near: NDArray[np.bool_]
    level: NDArray[np.float64]  # infinite without margin


def judged(held: Positions, worth: Worth, groups: Mapping[int, Group]) -> Judged:
    """Return every account's status, by its group's levels."""
    limits = {number: Limits.of(groups[number]) for number in np.unique(held.groups).tolist()}
    ids = np.array(sorted(limits), np.int64)
    table = np.array([limits[number] for number in ids.tolist()]).reshape(len(ids), -1)
    least, most, *levels = table[np.searchsorted(ids, held.groups)].T
    equity = held.own + worth.floating
    base = held.own + np.clip(worth.floating, least, most)
    stop, call = (
        factor * worth.margin + money
        for factor, money in (levels[0:2], levels[2:4])
    )  # fmt: skip
    spared = np.array([groups[number].stopout_skip_hedged for number in ids.tolist()], np.bool_)
    left = spared[np.searchsorted(ids, held.groups)] & worth.covered & (equity > 0)
    has = worth.margin > 0
    stopped = np.where(has, (base <= stop) & ~left, equity <= 0)
    called = has & ((base < call) | (base <= stop))
    standing = np.where(stopped, Standing.STOP_OUT, np.where(called, Standing.CALL, Standing.OK))
    slack = slack_of(abs(held.own) + abs(worth.floating) + worth.margin)
    gaps = np.minimum.reduce([abs(base - stop), abs(base - call), abs(equity)])
    level = np.full(len(base), np.inf)
    np.divide(base, worth.margin, out=level, where=has)
    return Judged(standing, gaps <= slack, level)


@dataclass(frozen=True, slots=True)
class Seen:
    """One account's exact status; without figures where a price is missing."""

    figures: Figures | None
    standing: Standing


def exactly(logins: Iterable[int], terms: Conditions, quotes: Quotes) -> dict[int, Seen]:
    """Return these accounts' status under the conditions, by the valuation of a stop-out."""
    rows = Trade.objects.positions().filter(account__in=list(logins)).order_by("order")
    held: dict[int, list[Position]] = defaultdict(list)
    columns = ("account_id", "order", "symbol_id", "cmd", *COLUMNS)
    for login, order, name, cmd, *figures in rows.values_list(*columns):
        symbol = terms.catalog.symbols[name]
        held[login].append(Position(order, symbol, DIRECTIONS[cmd], *figures))
    accounts = Account.objects.filter(pk__in=list(held))
    return {one.login: _seen(one, held[one.login], terms, quotes) for one in accounts}


def _seen(account: Account, held: list[Position], terms: Conditions, quotes: Quotes) -> Seen:
    account.group = terms.groups[account.group_id]
    noted = Noted(quotes)
    valuation = Valuation(account, terms.catalog.converter, noted, strict=True)
    try:
        figures = valuation.figures(held)
    except OffQuotes:
        return Seen(None, Standing.OK)
    if must_close(Look(account, held, valuation, noted, figures)):
        return Seen(figures, Standing.STOP_OUT)
    low = figures.level_type is not LevelType.OK
    return Seen(figures, Standing.CALL if low else Standing.OK)
