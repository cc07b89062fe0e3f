"""Margin snapshots of accounts, evidence of margin actions, and notifications about them."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.enums import LevelUnit
from accounts.models import Account, Group
from core.clock import now
from core.json import plain_digits
from core.postgresql.prepared_models import make_new
from market.catalog import current_converter
from market.errors import OffQuotes
from market.group_quotes import GroupQuotes, catalog_of, market_quotes
from market.quotes.quote import Quote, Quotes
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType
from trading.events import balance_event, rounded_figures, rounded_level
from trading.evidence.figures import figures_as_json, prices_as_seen, quote_as_json
from trading.models import MarginAction, Trade
from trading.unit.locked_account import LockedAccount
from trading.valuation.account import Figures, Valuation
from trading.valuation.position_sums import PositionSums
from trading.valuation.positions import Position

TITLES = {NotificationType.MARGIN_CALL: "Margin call", NotificationType.STOP_OUT: "Stop-out"}
MARGIN_LEVEL_FIELDS = ("margin_call", "margin_call_recovery", "margin_stopout")
MARGIN_RULE_FIELDS = (
    "margin_type",
    *MARGIN_LEVEL_FIELDS,
    "margin_mode",
    "margin_rate_mode",
    "hedge_margin",
    "hedge_price",
    "conversion",
    "conversion_prices",
    "stopout_order",
    "stopout_skip_hedged",
    "negative_balance_protection",
)


class RecordingQuotes:
    """The market's quotes, which record those that were read: the evidence of a margin check."""

    def __init__(self, quotes: Quotes) -> None:
        self.quotes, self.catalog = market_quotes(quotes), catalog_of(quotes)
        self.used: dict[str, Quote] = {}

    def get(self, symbol: str) -> Quote | None:
        quote = self.quotes.get(symbol)
        if quote is not None:
            self.used[symbol] = quote
        return quote


@dataclass(frozen=True, slots=True)
class MarginSnapshot:
    """An account at one time: the sums over its positions, their valuation and the figures.

    `quotes` are the market's, those of the valuation as the account sees them. The sums of a
    `RunningMargin` go on with the account's next change.
    """

    account: Account
    sums: PositionSums
    valuation: Valuation
    quotes: RecordingQuotes
    figures: Figures

    def seen_as_json(self) -> dict[str, list[str]] | None:
        """Return the prices that the account saw in the used quotes, None without a mark-up."""
        quotes = self.valuation.quotes
        if not isinstance(quotes, GroupQuotes):
            return None
        used = ((name, quotes.see(quote)) for name, quote in sorted(self.quotes.used.items()))
        return {name: seen for name, quote in used if (seen := prices_as_seen(quote))} or None


def margin_snapshot(
    account: Account, positions: Collection[Position], quotes: Quotes
) -> MarginSnapshot:
    """Compute the figures of the account with these positions at these quotes.

    Raises:
        OffQuotes: a price is not known at all.
    """
    Valuation(account, current_converter(), quotes).load_quotes(positions)
    recording = RecordingQuotes(quotes)
    valuation = Valuation(account, current_converter(), recording, strict=True)
    sums = valuation.sums_of(positions)
    return MarginSnapshot(account, sums, valuation, recording, valuation.figures_of_sums(sums))


class RunningMargin:
    """Margin snapshots of a locked account at the same quotes, one after each of its changes.

    Each position is valued once, and again only where it changes.
    """

    def __init__(self, locked: LockedAccount, quotes: Quotes) -> None:
        locked.valuation(quotes)  # which reads them in one round trip
        self._locked, self._given = locked, quotes
        self._quotes = RecordingQuotes(quotes)
        self._samples = {one.instrument.name: one for one in locked.positions}
        self._used: dict[str, dict[str, Quote]] = {}

    def snapshot(self) -> MarginSnapshot:
        """Return the figures of the account as it stands, and the quotes that they come from.

        Raises:
            OffQuotes: a price is not known at all.
        """
        locked, quotes = self._locked, RecordingQuotes(self._given)
        figures, sums = locked.figures(self._quotes, strict=True), locked.sums(self._quotes)
        for symbol in sums.symbols:
            quotes.used |= self._quotes_of(symbol.name)
        valuation = locked.valuation(self._quotes, strict=True)
        return MarginSnapshot(locked.account, sums, valuation, quotes, figures)

    def _quotes_of(self, symbol: str) -> dict[str, Quote]:
        """Return the quotes that value the symbol's positions: one needs the same as another."""
        if symbol not in self._used:
            recording = RecordingQuotes(self._given)
            valuation = Valuation(self._locked.account, current_converter(), recording, strict=True)
            valuation.sums_of([self._samples[symbol]])
            self._used[symbol] = recording.used
        return self._used[symbol]


def record_margin_action(
    locked: LockedAccount,
    snapshot: MarginSnapshot,
    kind: MarginAction.Kind,
    time: int,
    trade: Trade | None = None,
    **rules: object,
) -> MarginAction:
    """Put a margin action with the snapshot's figures and quotes and the group's rules.

    `time` is unix seconds; `rules` are stored beside the group's.
    """
    group = snapshot.account.group
    figures = figures_as_json(snapshot.figures)
    quotes = {name: quote_as_json(quote) for name, quote in sorted(snapshot.quotes.used.items())}
    values = {
        "id": None,
        "kind": kind,
        "time": time,
        "trade_id": None,
        "before": figures,
        "after": figures,
        "quotes": quotes,
        "seen": snapshot.seen_as_json(),
        "rules": margin_rules(group) | {"leverage": snapshot.account.leverage} | rules,
    }
    related = {} if trade is None else {"trade": trade}
    action = make_new(MarginAction, values, account=snapshot.account, **related)
    locked.add_margin_action(action)
    return action


def margin_rules(group: Group) -> dict[str, object]:
    """Return the group's settings that decide on margin calls and stop-outs, as JSON."""
    values = {name: getattr(group, name) for name in MARGIN_RULE_FIELDS}
    return values | {name: plain_digits(values[name]) for name in MARGIN_LEVEL_FIELDS}


def notify_client(
    locked: LockedAccount,
    snapshot: MarginSnapshot,
    about: NotificationType,
    description: str,
    level: NotificationLevel,
    **data: object,
) -> None:
    """Append the account's figures and a notification to its event log."""
    notification = NotificationEvent.for_login(
        locked.login,
        about,
        (TITLES[about], description),
        level,
        margin_level=rounded_level(snapshot.figures),
        level_type=snapshot.figures.level_type.value,
        **data,
    )
    locked.append_events(balance_event(locked.account, snapshot.figures), notification)


def describe_margin(snapshot: MarginSnapshot) -> str:
    """Return the sentence with the figure that the group's levels are compared with."""
    group, figures = snapshot.account.group, snapshot.figures
    if group.margin_type == LevelUnit.PERCENT and figures.level is not None:
        return f"The margin level is {plain_digits(rounded_level(figures))} %"
    amounts = rounded_figures(group, figures)
    base = amounts["margin_free"] + amounts["margin"]
    return f"The equity for the margin is {plain_digits(base)} {group.currency}"


def end_margin_call(locked: LockedAccount, quotes: Quotes) -> None:
    """End a margin call and store the recovery.

    The caller has found the level far enough above the call, or no margin used. Where a
    price is not known the call stays.
    """
    try:
        snapshot = margin_snapshot(locked.account, locked.positions, quotes)
    except OffQuotes:
        return  # an unknown level has not recovered
    locked.set_margin_called(False)
    locked.raise_margin_seen(quotes)
    newest = max((quote.time // 1000 for quote in snapshot.quotes.used.values()), default=now())
    record_margin_action(locked, snapshot, MarginAction.Kind.RECOVERY, newest)
