"""How the prices that an account sees differ from the market's, for the levels of its orders."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.catalog import Catalog
from market.models import NO_MARKUP, Markup
from market.terms.market_levels import market_level
from trading.engine.risk.accounts import AccountTable
from trading.engine.triggers.levels import Trigger, TriggerSide

OF_BID = {TriggerSide.BID_FALLS, TriggerSide.BID_RISES}
RISING = {TriggerSide.BID_RISES, TriggerSide.ASK_RISES, TriggerSide.SUM_RISES, TriggerSide.TIME}


class PriceTerms(NamedTuple):
    """The mark-up of a group in a symbol, and the digits of its prices."""

    markup: Markup = NO_MARKUP
    digits: int = 0  # of no interest without a mark-up


MARKET_PRICES = PriceTerms()


class AccountPrices:
    """The terms of one catalog for the accounts of the risk book, by their groups."""

    def __init__(self, accounts: AccountTable, catalog: Catalog) -> None:
        self._accounts, self.catalog = accounts, catalog

    def terms_of(self, login: int, symbol: str) -> PriceTerms:
        """Return the terms of the account; the market's prices for one that is not known."""
        index = self._accounts.index_of(login)
        if index < 0:
            return MARKET_PRICES
        return terms_of_group(self.catalog, self._accounts.updates[index].group, symbol)

    def orders_of_groups(
        self, orders: NDArray[np.int64], logins: NDArray[np.int64], groups: Iterable[int]
    ) -> list[int]:
        """Return those of the orders whose accounts, at the same index, are in these groups."""
        found = np.isin(self._accounts.groups_of(logins), list(groups))
        return [int(order) for order in orders[found]]

    def replace_catalog(self, catalog: Catalog, symbols: Iterable[str]) -> dict[str, set[int]]:
        """Use another catalog; return of these symbols the groups that see them otherwise."""
        old, self.catalog = self.catalog, catalog
        groups = old.terms.groups | catalog.terms.groups
        changed = {
            name: {g for g in groups if terms_of_group(old, g, name) != self._terms(g, name)}
            for name in symbols
        }
        return {name: found for name, found in changed.items() if found}

    def _terms(self, group: int, symbol: str) -> PriceTerms:
        return terms_of_group(self.catalog, group, symbol)


def terms_of_group(catalog: Catalog, group: int, symbol: str) -> PriceTerms:
    """Return the terms of a group (its id)."""
    markup = catalog.terms.markup(group, symbol)
    if markup == NO_MARKUP or symbol not in catalog.symbols:
        return MARKET_PRICES
    return PriceTerms(markup, catalog.symbols[symbol].digits)


def in_market_terms(trigger: Trigger, terms: PriceTerms) -> tuple[TriggerSide, Trigger]:
    """Return the side that the trigger is compared on, and it with its level there."""
    side, rises = trigger.own_side, trigger.own_side in RISING
    if terms is MARKET_PRICES or side is TriggerSide.TIME:
        if trigger.level != trigger.price:
            trigger = replace(trigger, level=trigger.price)
        return side, trigger
    level = market_level(trigger.price, *terms, of_bid=side in OF_BID, rises=rises)
    if terms.markup.spread is not None:
        side = TriggerSide.SUM_RISES if rises else TriggerSide.SUM_FALLS
    return side, replace(trigger, level=level)
