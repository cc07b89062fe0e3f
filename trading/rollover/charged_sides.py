"""Which positions a night charges, by the terms of their accounts' groups, as a filter of rows."""

from django.db.models import Q

from market.catalog import Catalog, current_catalog
from trading.enums import MARKET_CMDS, Cmd
from trading.models import Rollover
from trading.rollover.nights import latest_opening
from trading.rollover.swap_formulas import swap_rate

# Of groups without terms the symbol's columns say it.
BY_SYMBOL = Q(symbol__swap_enable=True) & (
    Q(cmd=Cmd.BUY) & ~Q(symbol__swap_long=0) | Q(cmd=Cmd.SELL) & ~Q(symbol__swap_short=0)
)


def is_charged(night: Rollover) -> Q:
    """Return the condition that a trade which was open at the moment is charged for the night.

    A swap-free position is charged a fee from the first night after its nights of grace on.
    """
    catalog = current_catalog()
    groups = set(catalog.terms.groups)
    found = BY_SYMBOL & ~Q(account__group__in=groups) if groups else BY_SYMBOL
    for group in sorted(groups):
        for condition in _conditions_of_group(catalog, group, night):
            found |= Q(account__group=group) & condition
    return found


def _conditions_of_group(catalog: Catalog, group: int, night: Rollover) -> list[Q]:
    """Return the conditions for a group with terms, each with all symbols that it holds for."""
    swaps: dict[Cmd, list[str]] = {cmd: [] for cmd in MARKET_CMDS}
    fees: dict[int, list[str]] = {}  # by the latest opening that is charged
    for symbol in catalog.symbols.values():
        instrument = catalog.terms.instrument(group, symbol)
        if not instrument.swap_enable:
            continue
        if instrument.swap_free:
            if instrument.swap_fee:
                latest = latest_opening(instrument, night.night, instrument.swap_grace)
                fees.setdefault(latest, []).append(symbol.name)
            continue
        for cmd, names in swaps.items():
            if swap_rate(instrument, cmd.direction):
                names.append(symbol.name)
    found = [Q(cmd=cmd, symbol__in=names) for cmd, names in swaps.items() if names]
    found += [Q(symbol__in=names, open_time__lte=latest) for latest, names in fees.items()]
    return found
