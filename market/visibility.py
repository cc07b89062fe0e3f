"""Symbol visibility: a client sees the symbols that the account's group does not hide.

Positions and alerts on a symbol that is hidden later remain.
"""

from accounts.models import Group
from core.postgresql.prepared_models import PreparedModels
from market import catalog
from market.errors import SymbolNotAllowed, SymbolNotFound
from market.models import Symbol

SYMBOL_BY_NAME = PreparedModels(
    "SELECT {columns} FROM market_symbol AS symbol WHERE name = %s", lambda: {"symbol": Symbol}
)


def visible_symbols(group: Group | None) -> list[Symbol]:
    """Return the symbols that the group sees, in the market's order, as it trades them.

    For None it is all symbols, as they are.
    """
    known = catalog.current_catalog()
    if group is None:
        return list(known.symbols.values())
    visible = [symbol for symbol in known.symbols.values() if not group.hides(symbol.name)]
    if group.pk not in known.terms.groups:
        return visible
    return [known.terms.instrument(group.pk, symbol) for symbol in visible]


def stored_symbol(name: str) -> Symbol | None:
    """Return the symbol as it is stored, None where there is none."""
    rows = SYMBOL_BY_NAME.fetch([name])
    return rows[0][0] if rows else None


def require_visible_symbol(group: Group | None, name: str) -> Symbol:
    """Return the symbol itself, for reading.

    Raises:
        SymbolNotFound: there is none of this name.
        SymbolNotAllowed: the group hides it.
    """
    return check_visible(group, name, stored_symbol(name))


def check_visible(group: Group | None, name: str, symbol: Symbol | None) -> Symbol:
    """Return the symbol that was read for the name; raises as `require_visible_symbol`."""
    if symbol is None:
        raise SymbolNotFound(f"there is no symbol {name}")
    if group is not None and group.hides(symbol.name):
        raise SymbolNotAllowed
    return symbol


def require_usable_symbol(group: Group, name: str) -> Symbol:
    """Return the symbol, for trading, watching or alerts.

    Raises:
        SymbolNotFound: there is none of this name, or the group hides it.
    """
    return check_usable(group, name, stored_symbol(name))


def check_usable(group: Group, name: str, symbol: Symbol | None) -> Symbol:
    """Return the symbol that was read for the name; raises as `require_usable_symbol`."""
    try:
        return check_visible(group, name, symbol)
    except SymbolNotAllowed:
        raise SymbolNotFound(f"there is no symbol {name}") from None
