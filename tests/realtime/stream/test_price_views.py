"""Sockets get the prices that their account's group sees, and follow its terms."""

import pytest

from accounts.models import Account, Group
from market.models import GroupTerms
from tests import factories
from tests.realtime.conftest import Connect, publish_quote
from tests.realtime.stream_client import StreamClient
from trading.services.account_terms import change_account_terms

NAME = "RAWUSD"  # no other test has quotes of it, which a hub may still hold
Frame = list[object]


@pytest.fixture
def raw() -> Group:
    """A group that sees the symbol four points lower and three points higher."""
    factories.symbol(NAME)
    group = factories.group("raw")
    GroupTerms.objects.create(group=group, symbols="RAW*", bid_markup=4, ask_markup=3)
    return group


def publish(bid: float, ask: float, ctm: int) -> Frame:
    """Publish a quote; return the market's frame."""
    publish_quote(NAME, bid, ask, ctm)
    return ["t", NAME, bid, ask, ctm]


def subscribed(stream: StreamClient) -> StreamClient:
    stream.ask({"event": "subscribe", "data": [NAME]})
    return stream


def await_frame(stream: StreamClient, bid: float, ask: float, ctm: int) -> None:
    """Receive frames up to this one; a hub of an earlier test may see new terms a second later."""
    stream.receive_until(lambda frame: frame == ["t", NAME, bid, ask, ctm])


def test_sockets_of_two_groups_get_the_same_tick_at_their_own_prices(
    client: Connect, raw: Group, alice: Account
) -> None:
    first = publish(1.1, 1.1001, 1)
    market, marked = subscribed(client(alice)), subscribed(client(factories.client(100009, raw)))
    assert market.receive() == first
    await_frame(marked, 1.09996, 1.10013, 1)
    second = publish(1.2, 1.2002, 2)
    assert market.receive() == second
    assert marked.receive() == ["t", NAME, 1.19996, 1.20023, 2]


def test_changed_terms_and_another_group_reach_a_socket_without_a_new_quote(
    client: Connect, raw: Group, alice: Account
) -> None:
    market = publish(1.1, 1.1001, 3)
    stream = subscribed(client(alice))
    assert stream.receive() == market
    change_account_terms(login=alice.login, group=raw, leverage=100)
    await_frame(stream, 1.09996, 1.10013, 3)
    GroupTerms.objects.update(bid_markup=None, ask_markup=None, spread=4)
    assert stream.receive_first("t") == ["t", NAME, 1.10003, 1.10007, 3]
    GroupTerms.objects.update(enabled=False)
    assert stream.receive_first("t") == market
