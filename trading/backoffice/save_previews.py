"""Previews of changed conditions: which accounts a change would call or stop out."""

from collections.abc import Sequence
from typing import ClassVar

from django.urls import reverse

from accounts.models import Group, User
from backoffice.columns import NO_VALUE, format_amount, format_utc
from backoffice.pages.preview_mixin import SaveEffect, SavePreview
from backoffice.widgets.content import Link, Table
from core.money import exact_decimal, round_to_currency
from market.models import GroupTerms, Symbol
from trading.engine.risk.accounts import GROUP_TERMS
from trading.engine.risk.changed_settings import SYMBOL_TERMS
from trading.what_if.effect import (
    FallenAccount,
    WhatIfEffect,
    compute_effect,
    replace_group,
    replace_symbol,
    replace_terms,
    stored_conditions,
)
from trading.what_if.margin_status import ExactStatus, MarginStatus
from trading.what_if.positions_table import AccountSelection

STATUS_LABELS = {MarginStatus.CALL: "margin call", MarginStatus.STOP_OUT: "stop-out"}
# What conversion chains are made of.
CONVERSION_TERMS = {"currency", "quote_currency", "profit_mode", "margin_mode"}
HEADERS = (
    "Login", "Group", "Would be", "Level before", "Level after", "Margin before", "Margin after",
)  # fmt: skip


class SymbolPreview(SavePreview[Symbol]):
    """The preview of what a symbol's row contributes to margin or floating profit."""

    model: ClassVar[str] = "market.symbol"
    terms: ClassVar[tuple[str, ...]] = SYMBOL_TERMS

    def preview(self, actor: User, before: Symbol, after: Symbol) -> SaveEffect | None:
        old = stored_conditions()
        converts = any(getattr(before, name) != getattr(after, name) for name in CONVERSION_TERMS)
        selection = AccountSelection() if converts else AccountSelection(symbols=(before.name,))
        return describe_effect(
            actor, compute_effect(old, replace_symbol(old, after), selection, actor.visible_groups)
        )


class GroupPreview(SavePreview[Group]):
    """The preview of a group's margin rules and levels."""

    model: ClassVar[str] = "accounts.group"
    terms: ClassVar[tuple[str, ...]] = GROUP_TERMS

    def preview(self, actor: User, before: Group, after: Group) -> SaveEffect | None:
        old = stored_conditions()
        selection = AccountSelection(groups=(before.pk,))
        return describe_effect(
            actor, compute_effect(old, replace_group(old, after), selection, actor.visible_groups)
        )


class GroupTermsPreview(SavePreview[GroupTerms]):
    """The preview of an account group's terms, also where they touch no position.

    So the reason is always asked for.
    """

    model: ClassVar[str] = "market.groupterms"
    terms: ClassVar[tuple[str, ...]] = tuple(
        field.attname for field in GroupTerms._meta.concrete_fields if not field.primary_key
    )
    covers_additions = True

    def preview(self, actor: User, before: GroupTerms, after: GroupTerms) -> SaveEffect:
        return self._preview(actor, (before.symbols, after.symbols), after)

    def preview_addition(self, actor: User, added: GroupTerms) -> SaveEffect:
        return self._preview(actor, (added.symbols,), added)

    def _preview(self, actor: User, patterns: Sequence[str], entry: GroupTerms) -> SaveEffect:
        old = stored_conditions()
        fitting = (old.catalog.matching(pattern) for pattern in patterns)
        names = tuple({symbol.name for found in fitting for symbol in found})
        selection = AccountSelection(groups=(entry.group_id,), symbols=names)
        new = replace_terms(old, entry)
        effect = describe_effect(actor, compute_effect(old, new, selection, actor.visible_groups))
        return effect or SaveEffect(NO_POSITIONS)


PREVIEWS = (SymbolPreview, GroupPreview, GroupTermsPreview)
NO_POSITIONS = "No account of the group has an open position in these symbols."


def describe_effect(actor: User, effect: WhatIfEffect | None) -> SaveEffect | None:
    """Return the effect as a sentence, warnings and tables, None where there is none."""
    if effect is None:
        return None
    summary = (
        f"Accounts with open positions: {effect.accounts:,}. The change would stop out "
        f"{effect.stopped:,} of them, call {effect.called:,}, and relieve {effect.relieved:,}."
    )
    tables = [used_margin_table(effect)]
    if effect.fallen or effect.hidden:
        tables.append(accounts_table(actor, effect))
    return SaveEffect(summary, list(effect_warnings(effect)), tables)


def effect_warnings(effect: WhatIfEffect) -> Sequence[str]:
    """Return what the figures leave open, and what follows from saving."""
    texts = []
    if effect.unknown:
        texts.append(
            f"Not known of {effect.unknown:,} accounts: there is no price or no conversion for "
            f"{', '.join(effect.missing)}. Saving is possible all the same."
        )
    if effect.stopped:
        texts.append(
            "The engine closes positions of those to be stopped out at the next quotes after "
            "the change is saved."
        )
    return texts


def used_margin_table(effect: WhatIfEffect) -> Table:
    """Return the used margin of all accounts concerned, by currency."""
    rows = [
        (
            currency,
            *(_format_money(value, currency) for value in pair),
            _format_money(pair[1] - pair[0], currency),
        )
        for currency, pair in effect.margin.items()
    ]
    at = f"At the newest quotes, the oldest of {format_utc(effect.oldest // 1000)} UTC."
    headers = ("Currency", "Before", "After", "Difference")
    return Table(headers, rows, note=at if effect.oldest else "", title="Used margin")


def accounts_table(actor: User, effect: WhatIfEffect) -> Table:
    """Return the worst of the accounts that would be called or stopped out."""
    rows = [_account_row(actor, fallen) for fallen in effect.fallen]
    count = effect.called + effect.stopped
    note = f"The worst {len(rows):,} of {count:,}." if len(rows) < count else ""
    if effect.hidden:
        note += f" In groups that you do not see: {effect.hidden:,}."
    return Table(HEADERS, rows, note=note.strip(), title="Who would be called or stopped out")


def _account_row(actor: User, fallen: FallenAccount) -> list[object]:
    login = str(fallen.login)
    statuses = fallen.before, fallen.after
    if actor.has_perm("accounts.view_account"):
        url = reverse("admin:accounts_account_change", args=[fallen.login])
        login_cell: str | Link = Link(login, url)
    else:
        login_cell = login
    margins = (_format_margin(one, fallen.group.currency) for one in statuses)
    levels = (_format_level(one) for one in statuses)
    return [login_cell, fallen.group.name, STATUS_LABELS[fallen.after.status], *levels, *margins]


def _format_level(status: ExactStatus) -> str:
    level = status.figures.level if status.figures else None
    return NO_VALUE if level is None else f"{level:.2f} %"


def _format_margin(status: ExactStatus, currency: str) -> str:
    return (
        format_amount(round_to_currency(status.figures.margin, currency), currency)
        if status.figures
        else NO_VALUE
    )


def _format_money(value: float, currency: str) -> str:
    return format_amount(round_to_currency(exact_decimal(value), currency), currency)
