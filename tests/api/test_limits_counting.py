"""The rate limit algorithm, in Redis and in a process that lost its Redis."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from api import gcra
from api.gcra import Charge, Standing, spend
from core import redis
from tests.conftest import Signed, error_of
from tests.embedded.conditions import until


@pytest.fixture(params=["redis", "memory"])
def _where(request: Any) -> None:
    if request.param == "memory":
        request.getfixturevalue("redis_away")


@pytest.fixture
def redis_away(settings: Any) -> Iterator[None]:
    """Point Redis at a socket where nothing listens, until the test is over."""

    def forget() -> None:
        gcra._script.cache_clear()
        redis.hasty_client.cache_clear()
        gcra._redis, gcra._memory = gcra.InRedis(), gcra.InMemory()

    known = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    forget()
    yield
    settings.REDIS_URL = known
    forget()


def ask(key: str, limit: int, period: int = 60, cost: int = 1) -> Standing:
    return spend([Charge(key, limit, period, cost)])[0]


@pytest.mark.usefixtures("_where")
class TestWhereverItCounts:
    @pytest.mark.parametrize("limit", [1, 3, 7, 1000])
    def test_the_limit_may_come_at_once_and_no_more(self, limit: int) -> None:
        left = [ask("k", limit, 3600).remaining for _ in range(limit)]
        assert left == list(range(limit - 1, -1, -1))
        refused = ask("k", limit, 3600)
        assert 0 < refused.wait <= 3600 / limit
        assert refused.remaining == 0

    def test_then_one_every_interval(self) -> None:
        for _ in range(4):
            assert ask("k", 4, 1).wait == 0
        assert 0 < ask("k", 4, 1).wait <= 0.25
        until(lambda: ask("k", 4, 1).wait == 0, within=2)
        assert ask("k", 4, 1).wait > 0

    def test_when_all_is_free_again_is_told(self) -> None:
        first = ask("k", 2, 60)
        assert time.time() + 29 < first.reset < time.time() + 32
        assert time.time() + 59 < ask("k", 2, 60).reset < time.time() + 62

    def test_what_one_rule_refuses_no_rule_counts(self) -> None:
        both = [Charge("wide", 10, 60), Charge("narrow", 1, 60)]
        assert [standing.remaining for standing in spend(both)] == [9, 0]
        refused = spend(both)
        assert [standing.wait > 0 for standing in refused] == [False, True]
        assert ask("wide", 10, cost=0).remaining == 9

    def test_looking_costs_nothing_and_is_never_refused(self) -> None:
        ask("k", 1)
        for _ in range(3):
            assert ask("k", 1, cost=0) == ask("k", 1, cost=0)
        assert ask("k", 1, cost=0).wait == 0

    def test_what_is_given_back_is_free_again(self) -> None:
        charges = [Charge("k", 3, 60)]
        for _ in range(3):
            gcra.give_back(charges)
        assert ask("k", 3).remaining == 2
        assert ask("k", 3).remaining == 1
        gcra.give_back(charges)
        assert ask("k", 3).remaining == 1
        gcra.give_back([Charge("k", 3, 60, 2)])
        assert ask("k", 3, cost=0).remaining == 3

    def test_no_rule_is_no_question(self) -> None:
        assert spend([]) == []


def test_a_counter_is_gone_when_it_is_free_again() -> None:
    ask("k", 10, 1)
    until(lambda: not redis.client().exists("k"), within=2)


def test_all_rules_of_a_request_are_one_command(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS = settings.LIMIT_TRADING = 100
    client = signed_in(alice)
    client.post("/trade/open", {})
    before: Any = redis.client().info("commandstats")
    client.post("/trade/open", {})
    after: Any = redis.client().info("commandstats")
    calls = {
        name: after[name]["calls"] - before.get(name, {"calls": 0})["calls"]
        for name in after
        if after[name]["calls"] != before.get(name, {"calls": 0})["calls"]
    }
    # The script's own commands are counted as well; the last is the reading of this.
    assert calls == {
        "cmdstat_evalsha": 1, "cmdstat_time": 1, "cmdstat_get": 2, "cmdstat_set": 2,
        "cmdstat_info": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("redis_away")
def test_without_redis_requests_are_served_and_passwords_still_cannot_be_tried_at_will(
    anonymous: APIClient, alice: Account, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LIMIT_ADDRESS, settings.LIMIT_SIGN_LOGIN = 1000, 3
    body = {"login": alice.login, "password": "wrong guess"}
    with caplog.at_level(logging.WARNING, "api.gcra"):
        answers = [error_of(anonymous.post("/sign/in", body)) for _ in range(4)]
    assert answers == [(403, "USER_NOT_FOUND_OR_INCORRECT")] * 3 + [(429, "RET_TOO_FREQUENT")]
    assert [record.name for record in caplog.records].count("api.gcra") == 1


@pytest.mark.usefixtures("redis_away")
def test_when_redis_is_back_it_counts_again(settings: Any, monkeypatch: Any) -> None:
    ask("k", 5)
    monkeypatch.setattr(gcra, "AWAY", 0.0)
    assert ask("k", 5).remaining == 3
