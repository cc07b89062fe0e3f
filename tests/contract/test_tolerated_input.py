"""What clients of the public API send beyond what a route needs: nulls, doubles, whole records."""

from collections.abc import Callable
from typing import Any

import pytest

from alerts.enums import AlertStatus
from tests.contract import scenes
from tests.contract.conditions import account
from tests.contract.table import Row, Scene, run_rows
from tests.contract.test_trading import BUY, OPENED, OPENS, without
from tests.contract.world import World

Record = dict[str, Any]
Reader = Callable[[World], Record]


def from_table(path: str) -> Reader:
    """Return a reader of a table's first row."""

    def read(world: World) -> Record:
        answer = world.client("alice").get(path).json()
        return dict(zip(answer["structure"], answer["rows"][0], strict=True))

    return read


def read_script(world: World) -> Record:
    """Return Alice's script."""
    record: Record = world.client("alice").get(f"/script/{world.known['script']}").json()
    return record


def read_watched(world: World) -> Record:
    """Return EURUSD as it is on Alice's list."""
    answer = world.client("alice").get("/market/watch/list?prefix=web").json()
    record: Record = answer["assets"]["EURUSD"]
    return record | {"prefix": "web"}


def an_alert_with(status: AlertStatus) -> Scene:
    """Return a scene of an alert that has this status."""
    return lambda world: scenes.with_alert_columns(world, status=status)


ACTIVE, TRIGGERED, DISABLED, _, EXPIRED = AlertStatus
TRADES = "/trades?limit=1&offset=0&tradeType="
OPEN, WAITING = from_table(TRADES + "1"), from_table(TRADES + "3")
ALERT = from_table("/price_alert/list")
SETTING = from_table("/settings?prefix=web")
CASES: list[tuple[str, Scene, Reader]] = [
    ("PUT /trade/modify/open", scenes.a_position_with_a_stop, OPEN),
    ("PUT /trade/modify", scenes.a_position, OPEN),
    ("DELETE /trade/close", scenes.a_split_position, OPEN),
    ("PUT /trade/modify/pending", scenes.a_pending, WAITING),
    ("DELETE /trade/cancel", scenes.a_pending, WAITING),
    *(
        ("PUT /price_alert", an_alert_with(status), ALERT)
        for status in (ACTIVE, TRIGGERED, DISABLED, EXPIRED)
    ),
    ("DELETE /price_alert/{alert}", scenes.an_alert, ALERT),
    ("DELETE /price_alert", scenes.an_alert, ALERT),
    ("PUT /script", scenes.a_script, read_script),
    ("DELETE /script/{script}", scenes.a_script, read_script),
    ("DELETE /script", scenes.a_script, read_script),
    ("PUT /settings", scenes.two_settings, SETTING),
    ("DELETE /settings", scenes.two_settings, SETTING),
    ("POST /market/watch", scenes.a_watched_symbol, read_watched),
    ("DELETE /market/watch", scenes.a_watched_symbol, read_watched),
]
TIMES = ("updated_at", "updated_time")


@pytest.mark.parametrize(("call", "scene", "read"), CASES, ids=[case[0] for case in CASES])
def test_a_record_may_be_sent_back_whole(
    world: World, call: str, scene: Scene, read: Reader
) -> None:
    scene(world)
    record, client = read(world), world.client("alice")
    misspelt = world.send(client, call, record | {"misspelt": 1}, {})
    assert (misspelt.status_code, misspelt.json()["error"]) == (400, "INVALID_DATA")
    answer = world.send(client, call, record, {})
    assert answer.status_code == 200, answer.content
    if not call.startswith("DELETE"):
        again = read(world)
        assert {n: v for n, v in again.items() if n not in TIMES} == {
            n: v for n, v in record.items() if n not in TIMES
        }


@pytest.mark.parametrize("status", [1, 3, 4])
def test_a_status_that_is_no_echo_is_refused(world: World, status: int) -> None:
    row = Row("alice", "PUT /price_alert", {"id": "{alert}", "status": status}, 400, "INVALID_DATA")
    for scene in (scenes.an_alert, an_alert_with(DISABLED)):
        scene(world)
        run_rows(world, row)


def test_what_is_ignored_does_not_become_a_value(world: World) -> None:
    scenes.a_position(world)
    record = OPEN(world) | {"volume": 1, "cmd": 1, "open_price": 5, "comment": "else", "sl": 1.05}
    run_rows(world, Row("alice", "PUT /trade/modify", record, 200, object, (),
                        {"Trade": 0, "Account": 0, "AccountEvent": 2}))  # fmt: skip
    changed = OPEN(world)
    assert [changed[name] for name in ("volume", "cmd", "comment", "sl")] == [100, 0, "", 1.05]


def test_a_record_of_a_read_only_account_changes_nothing(world: World) -> None:
    scenes.a_position(world)
    run_rows(world, Row("alice", "PUT /trade/modify", OPEN(world) | {"sl": 1.05}, 403,
                        "RET_TRADE_READ_ONLY", (account(enable_read_only=True),)))  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        without(without(BUY, "sl"), "tp"),
        BUY | {"volume": 100.0, "cmd": 0.0, "open_time": 1_790_000_000},
        BUY | {"sl": None, "tp": None, "comment": None, "login": None, "open_price": None},
        BUY | {"magic": 7, "platform": "web", "remember": True},
    ],
)
def test_an_order_opens_with(world: World, body: Record) -> None:
    run_rows(world, Row("alice", "POST /trade/open", body, 200, OPENED, (), OPENS))


@pytest.mark.parametrize(
    "change",
    [{"volume": None}, {"stop": None}, {"order": 5}, {"volume": 2.0**53}, {"volume": "100"},
     {"volume": True}],
)  # fmt: skip
def test_no_order_opens_with(world: World, change: Record) -> None:
    run_rows(world, Row("alice", "POST /trade/open", BUY | change, 400, "INVALID_DATA"))
