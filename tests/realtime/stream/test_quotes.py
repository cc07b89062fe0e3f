"""Quotes on the stream: subscription, the newest at once, and never a backlog."""

from typing import Any

from accounts.models import Account
from core import redis
from tests import factories
from tests.realtime.conftest import Connect, publish_batch, publish_quote, slow_connection
from tests.realtime.stream_server import StreamServer


def subscribe(*names: str) -> dict[str, object]:
    return {"event": "subscribe", "data": list(names)}


def test_the_latest_quotes_follow_at_once(client: Connect, alice: Account) -> None:
    publish_batch(["EURUSD", 1.1, 1.2, 1700000000], ["XAUUSD", 1900.5, 1901.0, 1700000001])
    stream = client(alice)
    answer = stream.ask(subscribe("EURUSD", "xauusd", "Eurusd"))
    assert answer == {"event": "subscribe", "success": True, "data": ["EURUSD", "XAUUSD"]}
    assert stream.receive() == ["t", "EURUSD", 1.1, 1.2, 1700000000]
    assert stream.receive() == ["t", "XAUUSD", 1900.5, 1901.0, 1700000001]
    assert stream.is_quiet()


def test_unknown_names_are_rejected_as_they_were_sent(client: Connect, alice: Account) -> None:
    publish_quote("EURUSD", 1.1, 1.2, 1700000000)
    answer = client(alice).ask(subscribe("nope", "EURUSD"))
    assert answer["data"] == ["EURUSD"]
    assert answer["rejected"] == ["nope"]


def test_a_symbol_without_a_quote_yet_is_known(client: Connect, alice: Account) -> None:
    factories.symbol("EURSEK.X")
    stream = client(alice)
    assert stream.ask(subscribe("eursek.x"))["data"] == ["EURSEK.X"]
    publish_quote("EURSEK.X", 11.1, 11.2, 1700000000)
    assert stream.receive() == ["t", "EURSEK.X", 11.1, 11.2, 1700000000]


def test_quotes_arrive_until_unsubscribed(client: Connect, alice: Account) -> None:
    publish_quote("EURUSD", 1.1, 1.2, 1700000000)
    publish_quote("GBPUSD", 1.3, 1.4, 1700000000)
    stream = client(alice)
    stream.ask(subscribe("EURUSD", "GBPUSD"))
    stream.receive_until(lambda f: f[1] == "GBPUSD")
    publish_quote("EURUSD", 1.11, 1.21, 1700000001)
    assert stream.receive() == ["t", "EURUSD", 1.11, 1.21, 1700000001]
    answer = stream.ask({"event": "unsubscribe", "data": ["eurusd"]})
    assert answer == {"event": "unsubscribe", "success": True, "data": ["EURUSD"]}
    publish_batch(["EURUSD", 1.12, 1.22, 1700000002], ["GBPUSD", 1.31, 1.41, 1700000002])
    assert stream.receive()[1] == "GBPUSD"


def test_small_prices_have_no_exponent(client: Connect, alice: Account) -> None:
    publish_quote("SHIBUSD", 0.00001234, 0.00001235, 1700000000)
    stream = client(alice)
    stream.ask(subscribe("SHIBUSD"))
    assert stream.text() == '["t","SHIBUSD",0.00001234,0.00001235,1700000000]'


def test_a_symbols_quote_time_never_goes_back(client: Connect, alice: Account) -> None:
    publish_quote("EURUSD", 1.1, 1.2, 1700000005)
    stream = client(alice)
    stream.ask(subscribe("EURUSD"))
    assert stream.receive()[4] == 1700000005
    publish_quote("EURUSD", 1.0, 1.1, 1700000004)
    publish_quote("EURUSD", 1.3, 1.4, 1700000006)
    assert stream.receive() == ["t", "EURUSD", 1.3, 1.4, 1700000006]


def test_at_most_500_symbols_can_be_subscribed(client: Connect, alice: Account) -> None:
    names = [f"S{number}" for number in range(501)]
    publish_batch(*([name, 1.0, 1.1, 1700000000] for name in names))
    stream = client(alice)
    first = stream.ask(subscribe(*names[:300]))
    assert len(first["data"]) == 300
    stream.receive_until(lambda f: f[1] == "S299")
    second = stream.ask(subscribe(*names[300:]))
    assert (len(second["data"]), second["rejected"]) == (200, ["S500"])


def test_a_message_that_is_no_quote_harms_nothing(client: Connect, alice: Account) -> None:
    publish_quote("EURUSD", 1.1, 1.2, 1700000000)
    stream = client(alice)
    stream.ask(subscribe("EURUSD"))
    stream.receive()
    redis.sync_client().publish("quotes", '[["EURUSD"]]')
    publish_quote("EURUSD", 1.11, 1.21, 1700000001)
    assert stream.receive()[2] == 1.11


def test_a_slow_reader_gets_the_newest_and_no_backlog(
    client: Connect, stream: StreamServer, alice: Account, bob: Account
) -> None:
    names, rounds = [f"S{number}" for number in range(100)], 1000
    publish_batch(*([name, 1.0, 1.1, 0] for name in names))
    slow, quick = client(alice, sock=slow_connection(stream)), client(bob)
    for reader in (slow, quick):
        reader.ask(subscribe(*names))
        reader.receive_until(lambda f: f[1] == names[-1])
    for ctm in range(1, rounds + 1):
        publish_batch(*([name, 1.0 + ctm, 1.1 + ctm, ctm] for name in names))
    quick.receive_until(lambda f: f[1] == names[-1] and f[4] == rounds)
    newest: dict[str, int] = {}

    def all_are_newest(frame: list[Any]) -> bool:
        assert newest.get(frame[1], 0) <= frame[4]
        newest[frame[1]] = frame[4]
        return len(newest) == len(names) and set(newest.values()) == {rounds}

    frames = slow.receive_until(all_are_newest)
    assert len(frames) < rounds * len(names) / 10
    assert slow.is_quiet()
