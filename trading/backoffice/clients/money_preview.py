"""What a movement of money would do to an account: before and after, and a sentence."""

import copy
from decimal import Decimal

from accounts.models import Account
from backoffice.actions.action import ActionPreview
from backoffice.columns import NO_VALUE, format_amount
from core.money import ZERO
from market.catalog import current_converter
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes
from trading.enums import LevelType
from trading.events import rounded_figures, rounded_level
from trading.services.ledger import withdrawable_amount
from trading.valuation.account import Figures, Valuation, current_figures


def preview_money(
    account: Account, deed: str, *, balance: Decimal = ZERO, credit: Decimal = ZERO
) -> ActionPreview:
    """Return what adding these signed amounts leads to; `deed` says what is done, to whom."""
    quotes, warnings = LatestQuotes(), []
    try:
        before = current_figures(account, quotes, strict=True)
    except OffQuotes as error:
        before = current_figures(account, quotes)
        warnings.append(f"The figures are not complete: {error.message}.")
    after = figures_after(account, before, balance, credit)
    name, old, new = "balance", before.balance, after.balance
    if credit:
        name, old, new = "credit", before.credit, after.credit
    currency = account.group.currency
    summary = (
        f"{deed}: the {name} goes from {format_amount(old, currency)} "
        f"to {format_amount(new, currency)} {currency}."
    )
    rows = figure_rows(account, before, after)
    return ActionPreview(rows, [*warnings, *money_warnings(before, after)], summary)


def figures_after(account: Account, before: Figures, balance: Decimal, credit: Decimal) -> Figures:
    """Return the figures with these amounts added to balance and credit, at the same prices."""
    changed = copy.copy(account)
    changed.balance, changed.credit = before.balance + balance, before.credit + credit
    return Valuation(changed, current_converter(), LatestQuotes()).figures_of(
        profit=before.profit,
        storage=before.storage,
        commission=before.commission,
        margin=before.margin,
    )


def figure_rows(account: Account, before: Figures, after: Figures) -> list[tuple[str, str, str]]:
    """Return the figures that money moves: name, before and after."""
    group, currency = account.group, account.group.currency
    old, new = rounded_figures(group, before), rounded_figures(group, after)
    names = (("Balance", "balance"), ("Credit", "credit"), ("Equity", "equity"))
    rows = [
        (title, format_amount(old[name], currency), format_amount(new[name], currency))
        for title, name in (*names, ("Free margin", "margin_free"))
    ]
    past, future = (
        format_amount(withdrawable_amount(figures, currency), currency)
        for figures in (before, after)
    )
    rows.append(("Withdrawable", past, future))
    rows.append(("Margin level", format_level(before), format_level(after)))
    return rows


def money_warnings(before: Figures, after: Figures) -> list[str]:
    """Return what to consider before money is moved."""
    found = []
    if after.balance < 0:
        found.append("This leaves the balance below 0.")
    if after.level_type is LevelType.STOP_OUT and before.level_type is not LevelType.STOP_OUT:
        found.append("This stops the account out at the next quote: positions will be closed.")
    elif after.level_type is LevelType.MARGIN_CALL and before.level_type is LevelType.OK:
        found.append("This brings the account below its margin call.")
    return found


def format_level(figures: Figures) -> str:
    """Return the margin level in percent as text; a dash without margin."""
    return NO_VALUE if figures.level is None else f"{rounded_level(figures):,} %"


def format_sum(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency for a sentence."""
    return f"{format_amount(amount, currency)} {currency}"
