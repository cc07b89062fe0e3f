"""Which symbols there are for a client: those that the account's group does not hide.

A position or an alert on a symbol that is hidden later stays the client's.
"""

from accounts.models import Group
from core.joined import Joined
from market import catalog
from market.errors import SymbolNotAllowed, SymbolNotFound
from market.models import Symbol

NAMED = Joined(
    "SELECT {columns} FROM market_symbol AS symbol WHERE name = %s", lambda: {"symbol": Symbol}
)


def listed(group: Group | None) -> list[Symbol]:
    """The symbols that the group sees, in the market's order; all of them for None."""
    symbols = catalog.current().symbols.values()
    return [symbol for symbol in symbols if group is None or not group.hides(symbol.name)]


def shown(group: Group | None, name: str) -> Symbol:
    """The symbol, to be looked at.

    Raises:
        SymbolNotFound: there is none of this name.
        SymbolNotAllowed: the group hides it.
    """
    rows = NAMED.fetch([name])
    if not rows:
        raise SymbolNotFound(f"there is no symbol {name}")
    symbol: Symbol = rows[0][0]
    if group is not None and group.hides(symbol.name):
        raise SymbolNotAllowed
    return symbol


def found(group: Group, name: str) -> Symbol:
    """The symbol, to be used; one that the group hides does not exist (SymbolNotFound)."""
    try:
        return shown(group, name)
    except SymbolNotAllowed:
        raise SymbolNotFound(f"there is no symbol {name}") from None
