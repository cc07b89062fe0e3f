"""Symbols that the account's group hides do not exist on the stream."""

from accounts.models import Account, Group
from tests.realtime.conftest import Connect, quote


def test_they_are_rejected_like_unknown_names_and_never_sent(
    client: Connect, alice: Account
) -> None:
    Group.objects.update(hidden_symbols="BTC*,!BTCUSD")
    for name in ("BTCEUR", "BTCUSD", "EURUSD"):
        quote(name, 1.1, 1.2, 1700000000)
    stream = client(alice)
    for event in ("subscribe", "unsubscribe", "subscribe"):
        answer = stream.ask({"event": event, "data": ["btceur", "BTCUSD", "EURUSD", "nope"]})
        assert (answer["data"], answer["rejected"]) == (["BTCUSD", "EURUSD"], ["btceur", "nope"])
        if event == "subscribe":
            assert {stream.receive()[1] for _ in range(2)} == {"BTCUSD", "EURUSD"}
    quote("BTCEUR", 1.3, 1.4, 1700000001)
    assert stream.is_quiet()
