"""The brute force of a plan: each order of it beside every single quote.

Nothing of the platform is imported here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.trading.engine.brute_force.account_types import (
    AccountTypes,
    PlannedChange,
    PlannedStep,
)
from tests.trading.engine.brute_force.trigger_oracle import (
    FinalState,
    OracleOrder,
    OracleQuote,
    OrderEvent,
    SymbolTerms,
)


@dataclass(slots=True)
class OracleResult:
    """All events that must have happened, and which operations were accepted."""

    events: dict[int, list[OrderEvent]] = field(default_factory=dict)
    standing: dict[int, FinalState] = field(default_factory=dict)
    accepted: list[bool] = field(default_factory=list)


def scan_orders(
    steps: Sequence[PlannedStep],
    quotes: dict[str, list[OracleQuote]],
    terms: dict[str, SymbolTerms],
    end: int,
    types: AccountTypes,
) -> OracleResult:
    """Evaluate every quote for every order; `steps` are in their order, `types` as they begin."""
    found, orders, types = OracleResult(), dict[int, OracleOrder](), types.copy()
    symbols: dict[int, str] = {}
    for step in steps:
        if isinstance(step, PlannedChange):
            types.apply(step)
            for key, order in orders.items():
                order.scan_until(step.walked)
                order.see = types.see(key, symbols[key])
        elif step.act == "open":
            symbols[step.key] = step.symbol
            see = types.see(step.key, step.symbol)
            orders[step.key] = OracleOrder(step, quotes[step.symbol], terms[step.symbol], see)
            found.accepted.append(True)
        else:
            orders[step.key].scan_until(step.walked)
            found.accepted.append(orders[step.key].apply_request(step))
    for key, order in orders.items():
        order.scan_until(end)
        found.events[key], found.standing[key] = order.events, order.final_state()
    return found
