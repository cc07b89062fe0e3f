"""Margin snapshots of accounts, evidence of margin actions, and notifications about them."""

from dataclasses import dataclass, field
from typing import Any

from accounts.enums import LevelUnit
from accounts.models import Account, Group
from core.clock import now
from core.json import plain
from market.catalog import converter
from market.errors import OffQuotes
from market.quotes import Quote, Quotes
from realtime import log
from realtime.events import Level, NotificationEvent
from trading.events import balance_event, shown_figures, shown_level
from trading.evidence import stored, told
from trading.models import MarginAction, Trade
from trading.positions import Position, snapshot
from trading.valuation import Figures, Valuation

SETTINGS = (
    "margin_type",
    "margin_call",
    "margin_stopout",
    "margin_mode",
    "margin_rate_mode",
    "hedge_margin",
    "hedge_price",
    "conversion",
    "stopout_order",
    "stopout_skip_hedged",
    "negative_balance_protection",
)


@dataclass
class Noted:
    """Quotes that record which of them were read: the evidence of a margin check."""

    quotes: Quotes
    used: dict[str, Quote] = field(default_factory=dict)

    def get(self, symbol: str) -> Quote | None:
        quote = self.quotes.get(symbol)
        if quote is not None:
            self.used[symbol] = quote
        return quote


@dataclass(frozen=True, slots=True)
class Look:
    """A locked account at one time: its open positions, their valuation and the figures."""

    account: Account
    positions: list[Position]
    valuation: Valuation
    quotes: Noted
    figures: Figures


def look(account: Account, quotes: Quotes) -> Look:
    """Compute the account's open positions and figures at these quotes.

    Raises:
        OffQuotes: a price is not known at all.
    """
    positions = snapshot(account.login).positions
    Valuation(account, converter(), quotes).load_quotes(positions)
    noted = Noted(quotes)
    valuation = Valuation(account, converter(), noted, strict=True)
    return Look(account, positions, valuation, noted, valuation.figures(positions))


def write(
    seen: Look,
    kind: MarginAction.Kind,
    time: int,
    trade: Trade | None = None,
    **rules: Any,
) -> MarginAction:
    """Store a margin action with the snapshot's figures and quotes and the group's rules.

    `time` is unix seconds; `rules` are stored beside the group's.
    """
    group = seen.account.group
    figures = stored(seen.figures)
    return MarginAction.objects.create(
        account=seen.account,
        kind=kind,
        time=time,
        trade=trade,
        before=figures,
        after=figures,
        quotes={name: told(quote) for name, quote in sorted(seen.quotes.used.items())},
        rules=settings(group) | {"leverage": seen.account.leverage} | rules,
    )


def settings(group: Group) -> dict[str, Any]:
    """Return the group's settings that decide on margin calls and stop-outs, as JSON."""
    values = {name: getattr(group, name) for name in SETTINGS}
    return values | {name: plain(values[name]) for name in ("margin_call", "margin_stopout")}


def warn(seen: Look, message: str, description: str, level: Level) -> None:
    """Append the account's figures and a notification to its event log."""
    account = seen.account
    notification = NotificationEvent.to(account.login, message, description, level)
    log.append(account, balance_event(account, seen.figures), notification)


def standing(seen: Look) -> str:
    """Return the sentence with the figure that the group's levels are compared with."""
    group, figures = seen.account.group, seen.figures
    if group.margin_type == LevelUnit.PERCENT and figures.level is not None:
        return f"The margin level is {plain(shown_level(figures))} %"
    shown = shown_figures(group, figures)
    base = shown["margin_free"] + shown["margin"]
    return f"The equity for the margin is {plain(base)} {group.currency}"


def recover(account: Account, quotes: Quotes) -> None:
    """End a margin call and store the recovery.

    The caller has found the level back, or no margin used. Where a price is not known the
    call stays.
    """
    try:
        seen = look(account, quotes)
    except OffQuotes:
        return  # an unknown level has not recovered
    account.margin_called = False
    account.save(update_fields=["margin_called"])
    newest = max((quote.time // 1000 for quote in seen.quotes.used.values()), default=now())
    write(seen, MarginAction.Kind.RECOVERY, newest)
