"""Accounts that get another group, and groups other terms, while the engine is at work."""

from decimal import Decimal as D

import pytest

from accounts.models import Account, Group
from core import redis
from market.models import GroupTerms
from market.quotes.tick_log import Batch
from tests import factories
from trading import services
from trading.book_updates import BOOK_STREAM
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.models import Fill, Trade

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marked_up(alice: Account) -> Group:
    """A group like Alice's, whose bid is 20 points below the market's."""
    group = Group.objects.get(pk=alice.group_id)
    group.pk, group.name = None, "marked up"
    group.save()
    GroupTerms.objects.create(group=group, symbols="*", bid_markup=20)
    return group


def buy(sl: str) -> Trade:
    return services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=D(sl), tp=D(0)
    )


def publish(*prices: float) -> Batch:
    return factories.publish(*(("EURUSD", price, round(price + 0.0001, 5)) for price in prices))


def move(group: Group, *, unheard: bool = False) -> None:
    account = Account.objects.get(pk=100001)
    account.group = group
    account.save(update_fields=["group"])
    if unheard:
        redis.sync_client().delete(BOOK_STREAM)


def closed_at(trade: Trade) -> D | None:
    trade.refresh_from_db()
    return trade.close_price if trade.state == State.CLOSED else None


def test_levels_move_with_the_account_before_the_next_quotes(
    marked_up: Group, engine: Engine
) -> None:
    trade = buy("1.0950")
    engine.step()
    publish(1.0951)
    engine.step()
    move(marked_up)
    engine.step()
    assert closed_at(trade) is None  # the quote had been compared before
    publish(1.0952)
    engine.step()
    assert closed_at(trade) == D("1.0950")


def test_a_hit_of_the_old_group_leaves_the_level_to_later_quotes_of_the_batch(
    alice: Account, marked_up: Group, engine: Engine
) -> None:
    old = Group.objects.get(pk=alice.group_id)
    move(marked_up)
    trade = buy("1.0950")
    engine.step()
    move(old, unheard=True)
    engine.process_batch(publish(1.0951, 1.09505, 1.0949, 1.1))
    assert closed_at(trade) == D("1.0949")


def test_a_group_found_amid_a_batch_judges_the_accounts_other_orders_from_there(
    marked_up: Group, engine: Engine
) -> None:
    first, second = buy("1.0950"), buy("1.0940")
    engine.step()
    move(marked_up, unheard=True)
    engine.process_batch(publish(1.0955, 1.0950, 1.0941, 1.1))
    assert (closed_at(first), closed_at(second)) == (D("1.0948"), D("1.0939"))


def test_changed_terms_count_from_the_next_batch_for_levels_figures_and_fills(
    engine: Engine, alice: Account
) -> None:
    trade = buy("1.0950")
    engine.step()
    publish(1.0953)
    engine.step()
    GroupTerms.objects.create(group_id=alice.group_id, symbols="EUR*", spread=60)
    engine.margin.refresh_settings()
    place = engine.margin.book.accounts.index_of(100001)
    profit = engine.margin.scan.figures_of(place).profits[trade.order]
    assert profit == pytest.approx(-505)  # 1.10010 → mid 1.09535 − 30 points
    assert closed_at(trade) is None
    publish(1.0953)  # bid 1.09505
    engine.step()
    assert closed_at(trade) is None
    batch = publish(1.0952)  # bid 1.09495
    engine.step()
    assert closed_at(trade) == D("1.09495")
    fill = Fill.objects.get(trade=trade, kind=Fill.Kind.CLOSE)
    assert fill.quote[4] == batch.ticks[0].seq_no
