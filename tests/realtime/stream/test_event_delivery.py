"""Account events: commit order, no gaps, resume and resync."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts.models import Account
from market import services as market
from realtime.events import event_log
from realtime.events.types import EventCode
from realtime.models import AccountEvent
from scripts import services as scripts
from settings_app import services as settings
from tests import factories
from tests.realtime.conftest import Connect, append_events, append_unannounced, publish_quote
from tests.realtime.stream_client import StreamClient
from trading.events import TradeEvent

WRITERS, EACH = 20, 10


def numbered(frame: Any) -> bool:
    return isinstance(frame, dict) and "seq" in frame and "event" in frame and len(frame) == 2


def resume_since(socket: StreamClient, since: int) -> list[Any]:
    """Return the frames up to the answer."""
    socket.send({"event": "resume", "since": since})
    return socket.receive_until(
        lambda f: isinstance(f, dict) and f.get("event") in ("resume", "resync"), within=20
    )


def test_an_event_is_sent_as_a_bare_array(client: Connect, alice: Account) -> None:
    socket = client(alice)
    event = TradeEvent(
        order=7,
        login=alice.login,
        symbol="SHIBUSD",
        cmd=0,
        volume=10,
        open_price=Decimal("0.00001234"),
        close_price=Decimal(0),
        open_time=1700000000,
        close_time=0,
        tp=Decimal("0.00002"),
        sl=Decimal("0.00001"),
        state=0,
        storage=Decimal(0),
        commission=Decimal("-1.5"),
        profit=Decimal(0),
        comment="",
        code=EventCode.ADD,
    )
    with transaction.atomic():
        event_log.append_events(Account.objects.locked(alice.login), event)
    assert socket.text() == (
        '["o",7,100001,"SHIBUSD",0,10,0.00001234,0,1700000000,0,0.00002,0.00001,0,0,-1.5,0,"",0]'
    )
    assert resume_since(client(alice), 0)[0]["event"][6] == 0.00001234


def test_events_of_a_rolled_back_change_are_not_sent(client: Connect, alice: Account) -> None:
    socket = client(alice)
    with transaction.atomic():
        event_log.append_events(Account.objects.locked(alice.login))
        transaction.set_rollback(True)
    append_events(alice.login, "kept")
    assert socket.receive_first("n")[1] == "kept"


def test_events_are_not_sent_to_other_accounts(
    client: Connect, alice: Account, bob: Account
) -> None:
    socket = client(bob)
    append_events(alice.login, "hers")
    append_events(bob.login, "his")
    assert socket.receive_first("n")[1] == "his"


def test_twenty_writers_at_once_arrive_in_commit_order(client: Connect, alice: Account) -> None:
    bare, wrapped = client(alice), client(alice)
    resume_since(wrapped, 0)

    def writer(number: int) -> None:
        for step in range(EACH):
            append_events(alice.login, f"{number}-{step}")
        connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(writer, range(WRITERS)))
    committed = [row.event[1] for row in event_log.events_since(alice.login, 0, WRITERS * EACH)]
    frames = bare.receive_until(lambda f: f[0] == "n" and f[1] == committed[-1])
    assert [frame[1] for frame in frames] == committed
    frames = wrapped.receive_until(lambda f: numbered(f) and f["seq"] == WRITERS * EACH)
    sent = [frame for frame in frames if numbered(frame)]
    assert [frame["seq"] for frame in sent] == list(range(1, WRITERS * EACH + 1))
    assert [frame["event"][1] for frame in sent] == committed


def test_the_next_event_fills_a_gap_from_the_log(client: Connect, alice: Account) -> None:
    socket = client(alice)
    append_events(alice.login, "one")
    assert socket.receive_first("n")[1] == "one"
    append_unannounced(alice.login, "two", "three")
    append_events(alice.login, "four")
    assert [socket.receive_first("n")[1] for _ in range(3)] == ["two", "three", "four"]


def test_the_heartbeat_fills_a_gap_from_the_log(client: Connect, alice: Account) -> None:
    socket = client(alice)
    append_events(alice.login, "one")
    assert socket.receive_first("n")[1] == "one"
    append_unannounced(alice.login, "two")
    assert socket.receive_first("n")[1] == "two"


def test_a_resumed_session_gets_the_heartbeat(client: Connect, alice: Account) -> None:
    seq = append_events(alice.login, "one", "two")
    publish_quote("EURUSD", 1.1, 1.2, 1700000077)
    socket = client(alice)
    resume_since(socket, seq)
    append_unannounced(alice.login, "three")
    frames = socket.receive_until(lambda f: isinstance(f, list))
    assert [frame["seq"] for frame in frames[:-1]] == [3]
    assert frames[-1] == ["h", 3, 1700000077]


def test_resume_sends_missed_events_and_then_its_answer(client: Connect, alice: Account) -> None:
    append_events(alice.login, *range(1, 1201))
    socket = client(alice)
    frames = resume_since(socket, 417)
    assert [frame["seq"] for frame in frames[:-1]] == list(range(418, 1201))
    assert frames[0]["event"][:2] == ["n", "418"]
    assert frames[-1] == {"event": "resume", "success": True, "seq": 1200}
    append_events(alice.login, "later")
    live = socket.receive()
    assert (live["seq"], live["event"][1]) == (1201, "later")


def test_resume_at_the_newest_event_misses_nothing(client: Connect, alice: Account) -> None:
    seq = append_events(alice.login, "one")
    assert resume_since(client(alice), seq) == [{"event": "resume", "success": True, "seq": seq}]


def test_events_during_the_sign_in_are_not_sent_twice(client: Connect, alice: Account) -> None:
    socket = client(alice)
    append_events(alice.login, "one")
    frames = resume_since(socket, 0)
    append_events(alice.login, "two")
    frames += socket.receive_until(lambda f: numbered(f) and f["seq"] == 2)
    assert [f["seq"] for f in frames if numbered(f)] == [1, 2]
    assert not any(isinstance(f, list) and f[0] == "n" for f in frames)


def test_a_resume_older_than_the_log_gets_resync(client: Connect, alice: Account) -> None:
    append_events(alice.login, *range(10))
    AccountEvent.objects.filter(login=alice.login, seq__lte=5).delete()
    assert resume_since(client(alice), 3) == [{"event": "resync"}]
    assert len(resume_since(client(alice), 5)) == 6


def test_a_resume_beyond_the_log_gets_resync(client: Connect, alice: Account) -> None:
    seq = append_events(alice.login, "one")
    socket = client(alice)
    assert resume_since(socket, seq + 1) == [{"event": "resync"}]
    append_events(alice.login, "two")
    assert socket.receive_until(numbered)[-1]["seq"] == seq + 1


def test_only_resumed_sessions_hear_of_what_the_client_stores(
    client: Connect, alice: Account
) -> None:
    factories.symbol("EURUSD")
    bare, resumed = client(alice), client(alice)
    resumed.ask({"event": "resume", "since": 0})
    settings.save_settings(login=alice.login, prefix="web", values={"color": "1"})
    settings.save_settings(login=alice.login, prefix="web", values={"a": "1", "b": "2"})
    settings.delete_settings(login=alice.login, prefix="web", name="color")
    settings.delete_settings(login=alice.login, prefix="web", name="color")  # gone already
    written: list[dict[str, object]] = [{}, {}, {"sort_index": 2}]  # the second changes nothing
    for changes in written:
        market.add_to_watch_list(
            account=alice, symbol="EURUSD", prefix="web", changes=changes, must_exist=False
        )
    market.remove_from_watch_list(login=alice.login, symbol="EURUSD", prefix="web")
    script = scripts.create_script(login=alice.login, name="n", script="s")
    scripts.delete_script(login=alice.login, script_id=script.pk)
    append_events(alice.login, "last")
    wanted = [
        ["s", "setting", "web/color", 1],
        ["s", "setting", "web", 1],
        ["s", "setting", "web/color", 2],
        *(["s", "watch", "EURUSD", code] for code in (0, 1, 2)),
        ["s", "script", str(script.pk), 0],
        ["s", "script", str(script.pk), 2],
    ]
    seen = resumed.receive_until(lambda f: numbered(f) and f["event"][0] == "n")
    events = [frame for frame in seen if numbered(frame)]
    assert [frame["event"] for frame in events[:-1]] == wanted
    assert events[-1]["event"][:2] == bare.receive()[:2] == ["n", "last"]
