"""The evidence that every fill is stored with."""

from decimal import Decimal

from accounts.models import Account
from core.json import plain_digits
from core.postgresql.prepared_models import make_new
from market.conversion import ConversionRate
from market.models import Symbol
from market.quotes.quote import Quote
from trading.evidence import figures
from trading.models import Fill, Trade
from trading.unit.locked_account import LockedAccount
from trading.valuation import formulas
from trading.valuation.account import Figures

# The group's settings that decide on fills; `trading.services.margin_actions` has those for
# stop-outs.
FILL_RULES = (
    "conversion", "conversion_prices", "margin_mode", "margin_rate_mode", "hedge_margin",
    "hedge_price", "hedge_allowed", "fifo", "gap_rule", "allow_sl_tp_slippage",
)  # fmt: skip


def record_fill(
    kind: Fill.Kind,
    trade: Trade,
    locked: LockedAccount,
    *,
    price: Decimal,
    time: int,
    quote: Quote,
    before: Figures | None = None,
    after: Figures | None = None,
    **rates: ConversionRate,
) -> Fill:
    """Put the evidence of a fill; return it.

    `time` is unix seconds; `rates` are by name: profit, margin, commission. `check_ledger` proves
    the profit by the stored currency and contract, as both may be changed later.
    """
    values = {
        "id": None,
        "kind": kind,
        "time": time,
        "price": price,
        "volume": trade.volume,
        "quote": figures.quote_as_json(quote),
        "seen": figures.prices_as_seen(quote),
        "rates": {name: [str(rate.value), rate.chain] for name, rate in rates.items()},
        "rules": rules_of_fill(kind, locked.account, trade.instrument),
        "before": figures.figures_as_json(before),
        "after": figures.figures_as_json(after),
        "around": [],
    }
    fill = make_new(Fill, values, trade=trade)
    locked.add_fill(fill)
    return fill


def rules_of_fill(kind: Fill.Kind, account: Account, symbol: Symbol) -> dict[str, object]:
    """Return what decided of the group, the account and the symbol, as JSON."""
    commission = {} if kind == Fill.Kind.CLOSE else commission_rules(symbol)
    group = account.group
    rules: dict[str, object] = {name: getattr(group, name) for name in FILL_RULES}
    return (
        rules
        | commission
        | {
            "leverage": account.leverage,
            "currency": group.currency,
            "contract_size": plain_digits(symbol.contract_size),
            "tick_factor": plain_digits(formulas.tick_factor(symbol)),
        }
    )


def commission_rules(symbol: Symbol) -> dict[str, object]:
    """Return the terms of a commission, as JSON; none where nothing is charged."""
    if not (symbol.comm_base or symbol.comm_minimum):
        return {}
    rules: dict[str, object] = {
        "commission": plain_digits(symbol.comm_base),
        "commission_type": symbol.comm_type,
        "commission_per": symbol.comm_lots,
    }
    if symbol.comm_minimum:
        rules["commission_minimum"] = plain_digits(symbol.comm_minimum)
    return rules | ({"commission_currency": symbol.comm_currency} if symbol.comm_currency else {})
