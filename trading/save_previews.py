"""Previews of changed conditions: which accounts a change would call or stop out."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse

from accounts.models import Group
from backoffice.acting.panel import Content, Link
from backoffice.columns import NOTHING, amount, utc
from backoffice.previewing import Impact, SavePreview
from core.money import cents, exact
from market.models import Symbol
from trading.engine.risk.accounts import GROUP_TERMS
from trading.engine.risk.book import SYMBOL_TERMS
from trading.impact.effect import Effect, Fallen, effect, now, with_group, with_symbol
from trading.impact.judging import Seen, Standing
from trading.impact.reading import Whose

WORDS = {Standing.CALL: "margin call", Standing.STOP_OUT: "stop-out"}
CONVERTS = {"currency", "quote_currency", "profit_mode", "margin_mode"}  # of conversion chains
HEADERS = (
    "Login", "Group", "Would be", "Level before", "Level after", "Margin before", "Margin after",
)  # fmt: skip


class SymbolPreview(SavePreview):
    """The preview of what a symbol's row contributes to margin or floating profit."""

    model: ClassVar[str] = "market.symbol"
    terms: ClassVar[tuple[str, ...]] = SYMBOL_TERMS

    def preview(self, by: Any, before: Symbol, after: Symbol) -> Impact | None:
        old = now()
        converts = any(getattr(before, name) != getattr(after, name) for name in CONVERTS)
        whose = Whose() if converts else Whose(symbols=(before.name,))
        return told(by, effect(old, with_symbol(old, after), whose, by.visible_groups))


class GroupPreview(SavePreview):
    """The preview of a group's margin rules and levels."""

    model: ClassVar[str] = "accounts.group"
    terms: ClassVar[tuple[str, ...]] = GROUP_TERMS

    def preview(self, by: Any, before: Group, after: Group) -> Impact | None:
        old = now()
        whose = Whose(groups=(before.pk,))
        return told(by, effect(old, with_group(old, after), whose, by.visible_groups))


PREVIEWS = (SymbolPreview, GroupPreview)


def told(by: Any, found: Effect | None) -> Impact | None:
    """Return the effect as a sentence, warnings and tables, None where there is none."""
    if found is None:
        return None
    words = (
        f"Accounts with open positions: {found.accounts:,}. The change would stop out "
        f"{found.stopped:,} of them, call {found.called:,}, and relieve {found.relieved:,}."
    )
    tables = [("Used margin", used_margin(found))]
    if found.fallen or found.hidden:
        tables.append(("Who would be called or stopped out", accounts(by, found)))
    return Impact(words, list(warnings(found)), tables)


def warnings(found: Effect) -> Sequence[str]:
    """Return what the figures leave open, and what follows from saving."""
    said = []
    if found.unknown:
        said.append(
            f"Not known of {found.unknown:,} accounts: there is no price or no conversion for "
            f"{', '.join(found.missing)}. Saving is possible all the same."
        )
    if found.stopped:
        said.append(
            "The engine closes positions of those to be stopped out at the next quotes after "
            "the change is saved."
        )
    return said


def used_margin(found: Effect) -> Content:
    """Return the used margin of all accounts concerned, by currency."""
    rows = [
        (
            currency,
            *(_money(value, currency) for value in pair),
            _money(pair[1] - pair[0], currency),
        )
        for currency, pair in found.margin.items()
    ]
    at = f"At the newest quotes, the oldest of {utc(found.oldest // 1000)} UTC."
    return Content(
        ("Currency", "Before", "After", "Difference"), rows, note=at if found.oldest else ""
    )


def accounts(by: Any, found: Effect) -> Content:
    """Return the worst of the accounts that would be called or stopped out."""
    rows = [_row(by, fallen) for fallen in found.fallen]
    count = found.called + found.stopped
    note = f"The worst {len(rows):,} of {count:,}." if len(rows) < count else ""
    if found.hidden:
        note += f" In groups that you do not see: {found.hidden:,}."
    return Content(HEADERS, rows, note=note.strip())


def _row(by: Any, fallen: Fallen) -> list[Any]:
    login = str(fallen.login)
    seen = fallen.before, fallen.after
    if by.has_perm("accounts.view_account"):
        url = reverse("admin:accounts_account_change", args=[fallen.login])
        shown: Any = Link(login, url)
    else:
        shown = login
    margins = (_margin(one, fallen.group.currency) for one in seen)
    levels = (_level(one) for one in seen)
    return [shown, fallen.group.name, WORDS[fallen.after.standing], *levels, *margins]


def _level(seen: Seen) -> str:
    level = seen.figures.level if seen.figures else None
    return NOTHING if level is None else f"{level:.2f} %"


def _margin(seen: Seen, currency: str) -> str:
    return amount(cents(seen.figures.margin, currency), currency) if seen.figures else NOTHING


def _money(value: float, currency: str) -> str:
    return amount(cents(exact(value), currency), currency)
