"""A previewed change has exactly the effect that the stop-out's rules find after saving it."""

from collections.abc import Callable
from decimal import Decimal as D
from random import Random

import pytest
from django.db import transaction

from accounts.models import Account, Group
from market import catalog
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from tests.trading.what_if import random_book
from trading.models import MarginAction, Trade
from trading.what_if import margin_status
from trading.what_if.effect import (
    WhatIfEffect,
    compute_effect,
    replace_group,
    replace_symbol,
    replace_terms,
    stored_conditions,
)
from trading.what_if.margin_status import MarginStatus
from trading.what_if.positions_table import AccountSelection

pytestmark = pytest.mark.django_db
Row = Symbol | Group | GroupTerms
CHANGES: tuple[Callable[[Random], Row], ...] = (
    random_book.changed_symbol, random_book.changed_group, random_book.changed_terms,
)  # fmt: skip


def preview_of(row: Row) -> WhatIfEffect:
    """Return the effect of saving the row."""
    before = stored_conditions()
    if isinstance(row, Symbol):
        found = compute_effect(
            before, replace_symbol(before, row), AccountSelection(symbols=(row.name,))
        )
    elif isinstance(row, GroupTerms):
        found = compute_effect(
            before, replace_terms(before, row), AccountSelection(groups=(row.group_id,))
        )
    else:
        found = compute_effect(
            before, replace_group(before, row), AccountSelection(groups=(row.pk,))
        )
    assert found is not None
    return found


def concerned_logins(row: Row) -> set[int]:
    """Return the accounts whose figures depend on the row."""
    trades = Trade.objects.positions()
    if isinstance(row, Symbol):
        trades = trades.filter(symbol=row)
    else:
        trades = trades.filter(
            account__group=row.group_id if isinstance(row, GroupTerms) else row.pk
        )
    return set(trades.values_list("account", flat=True))


@pytest.mark.parametrize("seed", range(4))
def test_the_preview_equals_the_rules_result_after_saving(
    seed: int, subtests: pytest.Subtests
) -> None:
    chance = Random(seed)
    random_book.write_book(chance)
    stored = random_book.statuses_of(Account.objects.values_list("pk", flat=True))
    state = chance.getstate()
    for change in CHANGES:
        chance.setstate(state)
        for number in range(4):
            row = change(chance)
            with subtests.test(change=change.__name__, number=number):
                found, ours = preview_of(row), concerned_logins(row)
                with transaction.atomic():
                    row.save()
                    after = random_book.statuses_of(ours)
                    transaction.set_rollback(True)
                catalog.clear_catalog()
                compare(found, {login: stored[login] for login in ours}, after, ours)


def compare(
    found: WhatIfEffect, before: random_book.Standings, after: random_book.Standings, ours: set[int]
) -> None:
    """Compare every figure of the preview with what became of the accounts."""
    fell = {n: after[n][0] for n in ours if (after[n][0] or 0) > (before[n][0] or 0)}
    assert {one.login: one.after.status for one in found.fallen} == fell
    assert found.accounts == len(ours)
    counts = found.called, found.stopped
    assert counts == tuple(
        sum(1 for standing in fell.values() if standing == kind)
        for kind in (MarginStatus.CALL, MarginStatus.STOP_OUT)
    )
    assert found.relieved == sum(1 for n in ours if (after[n][0] or 0) < (before[n][0] or 0))
    for place, stood in enumerate((before, after)):
        total = sum(margin[place] for margin in found.margin.values())
        assert total == pytest.approx(float(sum(stood[n][1] or 0 for n in ours)))
    kinds = [one.after.status for one in found.fallen]
    assert kinds == sorted(kinds, reverse=True)


def test_levels_equal_the_exact_valuation_to_the_last_digit() -> None:
    chance = Random(99)
    random_book.write_book(chance)
    row = random_book.changed_group(chance)
    before = stored_conditions()
    after = replace_group(before, row)
    for one in preview_of(row).fallen:
        exact = margin_status.exact_statuses([one.login], after, LatestQuotes())[one.login]
        assert one.after == exact


def test_an_account_exactly_at_its_level_is_decided_by_decimals() -> None:
    """0.1 + 0.2 in floats is above 0.3: whoever stands at the level is looked at exactly."""
    random_book.write_book(Random(5), accounts=1)
    (login,) = Account.objects.filter(pk__gte=random_book.FIRST).values_list("pk", flat=True)
    account = Account.objects.select_related("group").get(pk=login)
    Trade.objects.filter(account=account).exclude(
        pk=Trade.objects.filter(account=account).latest("pk").pk
    ).delete()
    Trade.objects.filter(account=account).update(
        symbol="EURUSD", cmd=0, volume=30, open_price="1.1", margin_rate="1.1",
        commission=0, storage=0,
    )  # fmt: skip
    Symbol.objects.filter(pk="EURUSD").update(leverage_tiers=[])
    Account.objects.filter(pk=login).update(leverage=100, balance="330", credit=0)
    group = account.group
    rules = {
        "currency": "USD", "margin_mode": 1, "margin_rate_mode": "open", "margin_type": 0,
        "hedge_margin": "larger_leg", "conversion": "by_sign", "margin_call": 80,
        "margin_stopout": 50, "stopout_skip_hedged": False,
    }  # fmt: skip
    Group.objects.filter(pk=group.pk).update(**rules)
    row = Group.objects.get(pk=group.pk)
    row.margin_call = row.margin_stopout = D(100)
    found = preview_of(row)
    (fallen,) = found.fallen
    assert fallen.after.figures is not None
    assert (found.stopped, fallen.after.figures.level) == (1, D(100))
    row.margin_stopout = D("99.99")
    assert (preview_of(row).stopped, preview_of(row).called) == (0, 0)


def test_accounts_without_prices_are_counted_but_not_decided() -> None:
    random_book.write_book(Random(3), unquoted=("DAX", "GOLD"))
    row = Group.objects.order_by("pk").first()
    assert row is not None
    row.margin_call = row.margin_stopout = D(10) ** 9
    row.margin_type = 0
    found = preview_of(row)
    held = Trade.objects.filter(symbol__in=("DAX", "GOLD"), account__group=row)
    lost = set(held.values_list("account", flat=True))
    assert lost
    assert (found.unknown, set(found.missing)) == (len(lost), {"DAX", "GOLD"})
    assert not lost & {one.login for one in found.fallen}
    assert found.fallen


def test_a_preview_changes_no_account() -> None:
    random_book.write_book(Random(8))
    trades = list(Trade.objects.order_by("pk").values())
    row = random_book.changed_group(Random(1))
    row.margin_stopout = row.margin_call = D(10) ** 9
    preview_of(row)
    assert list(Trade.objects.order_by("pk").values()) == trades
    assert not MarginAction.objects.exists()


def test_without_positions_there_is_nothing_to_preview(alice: Account) -> None:
    before = stored_conditions()
    selection = AccountSelection(groups=(alice.group_id,))
    assert compute_effect(before, replace_group(before, alice.group), selection) is None
