"""A previewed change has exactly the effect that the stop-out's rules find after saving it."""

from collections.abc import Callable
from decimal import Decimal as D
from random import Random

import pytest
from django.db import transaction

from accounts.models import Account, Group
from market import catalog
from market.models import Symbol
from market.quotes import LatestQuotes
from tests.trading.impact import book
from trading.impact import judging
from trading.impact.effect import Effect, effect, now, with_group, with_symbol
from trading.impact.judging import Standing
from trading.impact.reading import Whose
from trading.models import MarginAction, Trade

pytestmark = pytest.mark.django_db
Change = Callable[[Random], Symbol | Group]


def previewed(row: Symbol | Group) -> Effect:
    """Return the effect of saving the row."""
    before = now()
    if isinstance(row, Symbol):
        found = effect(before, with_symbol(before, row), Whose(symbols=(row.name,)))
    else:
        found = effect(before, with_group(before, row), Whose(groups=(row.pk,)))
    assert found is not None
    return found


def concerned(row: Symbol | Group) -> set[int]:
    """Return the accounts whose figures depend on the row."""
    trades = Trade.objects.positions()
    field = {"symbol": row} if isinstance(row, Symbol) else {"account__group": row}
    return set(trades.filter(**field).values_list("account", flat=True))


@pytest.mark.parametrize("change", [book.changed_symbol, book.changed_group])
@pytest.mark.parametrize("seed", range(6))
def test_the_preview_says_what_the_rules_say_afterwards(seed: int, change: Change) -> None:
    chance = Random(seed)
    book.write(chance)
    for _ in range(4):
        row = change(chance)
        found, ours = previewed(row), concerned(row)
        with transaction.atomic():
            before = book.standings()
            row.save()
            after = book.standings()
            transaction.set_rollback(True)
        catalog.forget()
        compare(found, before, after, ours)


def compare(found: Effect, before: book.Standings, after: book.Standings, ours: set[int]) -> None:
    """Compare every figure of the preview with what became of the accounts."""
    fell = {n: after[n][0] for n in ours if (after[n][0] or 0) > (before[n][0] or 0)}
    assert {one.login: one.after.standing for one in found.fallen} == fell
    assert found.accounts == len(ours)
    counts = found.called, found.stopped
    assert counts == tuple(
        sum(1 for standing in fell.values() if standing == kind)
        for kind in (Standing.CALL, Standing.STOP_OUT)
    )
    assert found.relieved == sum(1 for n in ours if (after[n][0] or 0) < (before[n][0] or 0))
    for place, stood in enumerate((before, after)):
        total = sum(margin[place] for margin in found.margin.values())
        assert total == pytest.approx(float(sum(stood[n][1] or 0 for n in ours)))
    kinds = [one.after.standing for one in found.fallen]
    assert kinds == sorted(kinds, reverse=True)


def test_levels_are_those_of_the_exact_valuation_down_to_the_last_digit() -> None:
    chance = Random(99)
    book.write(chance)
    row = book.changed_group(chance)
    before = now()
    after = with_group(before, row)
    for one in previewed(row).fallen:
        exact = judging.exactly([one.login], after, LatestQuotes())[one.login]
        assert one.after == exact


def test_an_account_exactly_at_its_level_is_judged_by_decimals() -> None:
    """0.1 + 0.2 in floats is above 0.3: whoever stands at the level is looked at exactly."""
    book.write(Random(5), accounts=1)
    (login,) = Account.objects.filter(pk__gte=book.FIRST).values_list("pk", flat=True)
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
    found = previewed(row)
    (fallen,) = found.fallen
    assert fallen.after.figures is not None
    assert (found.stopped, fallen.after.figures.level) == (1, D(100))
    row.margin_stopout = D("99.99")
    assert (previewed(row).stopped, previewed(row).called) == (0, 0)


def test_whoever_cannot_be_priced_is_counted_and_not_judged() -> None:
    book.write(Random(3), unquoted=("DAX", "GOLD"))
    row = Group.objects.order_by("pk").first()
    assert row is not None
    row.margin_call = row.margin_stopout = D(10) ** 9
    row.margin_type = 0
    found = previewed(row)
    held = Trade.objects.filter(symbol__in=("DAX", "GOLD"), account__group=row)
    lost = set(held.values_list("account", flat=True))
    assert lost
    assert (found.unknown, set(found.missing)) == (len(lost), {"DAX", "GOLD"})
    assert not lost & {one.login for one in found.fallen}
    assert found.fallen


def test_nobody_is_touched_by_looking() -> None:
    book.write(Random(8))
    trades = list(Trade.objects.order_by("pk").values())
    row = book.changed_group(Random(1))
    row.margin_stopout = row.margin_call = D(10) ** 9
    previewed(row)
    assert list(Trade.objects.order_by("pk").values()) == trades
    assert not MarginAction.objects.exists()


def test_where_nobody_has_a_position_there_is_nothing_to_preview(alice: Account) -> None:
    before = now()
    whose = Whose(groups=(alice.group_id,))
    assert effect(before, with_group(before, alice.group), whose) is None
