"""Symbols hidden by the account's group do not exist on the stream."""

import time

from accounts.models import Account, Group
from tests.realtime.conftest import Connect, publish_quote

BEAT = 5.0  # seconds; the hub's


def test_hidden_symbols_are_rejected_like_unknown_ones_and_never_sent(
    client: Connect, alice: Account
) -> None:
    Group.objects.update(hidden_symbols="BTC*,!BTCUSD")
    for name in ("BTCEUR", "BTCUSD", "EURUSD"):
        publish_quote(name, 1.1, 1.2, 1700000000)
    stream = client(alice)
    for event in ("subscribe", "unsubscribe", "subscribe"):
        answer = stream.ask({"event": event, "data": ["btceur", "BTCUSD", "EURUSD", "nope"]})
        assert (answer["data"], answer["rejected"]) == (["BTCUSD", "EURUSD"], ["btceur", "nope"])
        if event == "subscribe":
            assert {stream.receive()[1] for _ in range(2)} == {"BTCUSD", "EURUSD"}
    publish_quote("BTCEUR", 1.3, 1.4, 1700000001)
    assert stream.is_quiet()


def test_a_symbol_hidden_later_is_no_longer_sent(client: Connect, alice: Account) -> None:
    names = ["BTCUSD", "EURUSD"]
    for name in names:
        publish_quote(name, 1.1, 1.2, 1700000000)
    stream = client(alice)
    stream.ask({"event": "subscribe", "data": names})
    assert [stream.receive()[1] for _ in names] == names
    Group.objects.update(hidden_symbols="BTC*")
    deadline, ctm = time.monotonic() + BEAT + 5, 1700000000
    seen = {"BTCUSD"}
    while "BTCUSD" in seen:
        assert time.monotonic() < deadline
        ctm += 1
        for name in names:
            publish_quote(name, 1.1, 1.2, ctm)
        seen = {frame[1] for frame in stream.receive_until(lambda f: f[1] == "EURUSD")}
    assert stream.ask({"event": "subscribe", "data": names})["rejected"] == ["BTCUSD"]
