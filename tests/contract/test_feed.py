"""Section 9 of the contract: the broker pushes quotes to a running feed."""

from contextlib import ExitStack
from typing import Any

import pytest

from core.clock import now_ms
from market.feed.adapters import push_inbox
from market.feed.adapters.push import PushAdapter
from tests.contract.conditions import setting
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World
from tests.market.feed.feed_helpers import running_feed

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = {"Authorization": "bridge-token"}
CHANGES = {"quotes": 0}  # that of EURUSD is another one
NEAR: dict[str, Any] = {"quotes": [["EURUSD", 1.11, 1.1101, "{now}"]]}
ONE: dict[str, Any] = {"quotes": [["EURUSD", 1.2, 1.2001, "{now}"]]}
KEY = {"Idempotency-Key": "k1"}
AGAIN = {"Idempotent-Replay": "true"}
MIXED: dict[str, Any] = {
    "quotes": [
        ["EURUSD", 1.11, 1.1101, "{now}"],
        ["EURUSD", 1.2, 1.1, "{now}"],
        ["NOPE", 1.1, 1.2, "{now}"],
        ["EURUSD", 1.11, 1.1101, "{earlier}"],
        ["EURUSD", 0, 1.1101, "{now}"],
        ["EURUSD", 9, 9.1, "{now}"],
    ]
}
REFUSED = [
    [1, "CROSSED"], [2, "UNKNOWN_SYMBOL"], [3, "OUT_OF_ORDER"], [4, "BAD_PRICE"], [5, "FILTERED"],
]  # fmt: skip
ACCEPTED = {"accepted": 1, "refused": []}
PUSHED = setting(FEED="push", FEED_TOKEN="bridge-token")


def running(world: World) -> None:
    """Run a feed that accepts pushed quotes."""
    PUSHED(world)
    stack = ExitStack()
    stack.enter_context(running_feed(PushAdapter()))
    world.request.addfinalizer(stack.close)
    near(world)


def near(world: World) -> None:
    """Set `{now}` to the source time of a new quote and `{earlier}` to that of an old one."""
    world.known |= {"now": now_ms(), "earlier": now_ms() - 3_600_000}


def without_feed(world: World) -> None:
    """Run no feed, and shorten the wait for one."""
    PUSHED(world)
    near(world)
    world.request.getfixturevalue("monkeypatch").setattr(push_inbox, "ANSWER_TIMEOUT", 0.3)


def accepts(who: str, call: str = "POST /feed/quotes", **headers: str) -> Row:
    """Return a row of one accepted quote, which is published."""
    return Row(who, call, NEAR, 200, ACCEPTED, (running,), CHANGES, headers)


def refuses(who: str, body: Any, status: int, code: str, *given: Any, **headers: str) -> Row:
    """Return a row of a refusal that publishes nothing."""
    return Row(
        who, "POST /feed/quotes", body, status, code, given or (without_feed,), sends=headers
    )


ROWS: list[Row | Story] = [
    accepts("dan"),
    accepts("admin"),
    accepts("dan", "PUT /feed/quotes/"),
    accepts("dan Bearer"),
    accepts("dan cookie"),
    accepts("anonymous", **TOKEN),
    accepts("anonymous", Authorization="Bearer bridge-token"),
    Row("dan", "POST /feed/quotes", MIXED, 200, {"accepted": 1, "refused": REFUSED}, (running,),
        CHANGES),
    Row("dan", "POST /feed/quotes", {"quotes": []}, 200, {"accepted": 0, "refused": []},
        (running,)),
    refuses("dan", {}, 400, "INVALID_DATA"),
    refuses("dan", {"quotes": {}}, 400, "INVALID_DATA"),
    refuses("dan", {"quotes": [["EURUSD", 1.1, 1.2]]}, 400, "INVALID_DATA"),
    refuses("dan", {"quotes": [["EURUSD", "1.1", 1.2, 1]]}, 400, "INVALID_DATA"),
    refuses("dan", {"quotes": [["EURUSD", 1.1, 1.2, 1]] * 10_001}, 400, "INVALID_DATA"),
    (
        Row("dan", "POST /feed/quotes", NEAR, 200, ACCEPTED, (running,),
            CHANGES | {"IdempotencyKey": 1}, KEY),
        Row("dan", "POST /feed/quotes", NEAR, 200, ACCEPTED, (), {}, KEY, AGAIN),
    ),
    refuses("anonymous", ONE, 401, "PERMISSION_DENIED"),
    refuses("anonymous", ONE, 401, "PERMISSION_DENIED", Authorization="another-token"),
    refuses("alice", ONE, 403, "PERMISSION_DENIED"),
    refuses("carol", ONE, 403, "PERMISSION_DENIED"),
    refuses("dan cookie elsewhere", ONE, 403, "PERMISSION_DENIED"),
    refuses("dan", ONE, 409, "FEED_NOT_PUSH", near, setting(FEED="simulated")),
    refuses("dan", ONE, 503, "FEED_BUSY"),
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_quotes_are_pushed_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)
