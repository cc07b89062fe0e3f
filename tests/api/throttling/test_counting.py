"""The rate limit algorithm, in Redis and in a process that lost its Redis."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from api.throttling import gcra
from api.throttling.gcra import RateLimitCharge, RateLimitState, spend_charges
from core import redis
from tests.conftest import Signed, error_of
from tests.runtime.process_helpers import wait_until


@pytest.fixture(params=["redis", "memory"])
def _where(request: Any) -> None:
    if request.param == "memory":
        request.getfixturevalue("redis_away")


@pytest.fixture
def redis_away(settings: Any) -> Iterator[None]:
    """Point Redis at a socket where nothing listens, until the test is over."""

    def forget() -> None:
        redis.fail_fast_client.cache_clear()
        gcra._redis, gcra._local = gcra.RedisCounters(), gcra.LocalCounters()

    known = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    forget()
    yield
    settings.REDIS_URL = known
    forget()


def ask(key: str, limit: int, period: int = 60, cost: int = 1) -> RateLimitState:
    return spend_charges([RateLimitCharge(key, limit, period, cost)])[0]


@pytest.mark.usefixtures("_where")
class TestInRedisAndInProcess:
    @pytest.mark.parametrize("limit", [1, 3, 7, 1000])
    def test_the_whole_limit_may_be_used_at_once(self, limit: int) -> None:
        left = [ask("k", limit, 3600).remaining for _ in range(limit)]
        assert left == list(range(limit - 1, -1, -1))
        refused = ask("k", limit, 3600)
        assert 0 < refused.wait <= 3600 / limit
        assert refused.remaining == 0

    def test_after_the_limit_one_request_an_interval_is_accepted(self) -> None:
        for _ in range(4):
            assert ask("k", 4, 1).wait == 0
        assert 0 < ask("k", 4, 1).wait <= 0.25
        wait_until(lambda: ask("k", 4, 1).wait == 0, within=2)
        assert ask("k", 4, 1).wait > 0

    def test_reset_is_the_time_when_the_whole_limit_is_free_again(self) -> None:
        first = ask("k", 2, 60)
        assert time.time() + 29 < first.reset < time.time() + 32
        assert time.time() + 59 < ask("k", 2, 60).reset < time.time() + 62

    def test_a_request_refused_by_one_rule_is_counted_by_none(self) -> None:
        both = [RateLimitCharge("wide", 10, 60), RateLimitCharge("narrow", 1, 60)]
        assert [standing.remaining for standing in spend_charges(both)] == [9, 0]
        refused = spend_charges(both)
        assert [standing.wait > 0 for standing in refused] == [False, True]
        assert ask("wide", 10, cost=0).remaining == 9

    def test_a_cost_of_zero_is_never_counted_or_refused(self) -> None:
        ask("k", 1)
        for _ in range(3):
            assert ask("k", 1, cost=0) == ask("k", 1, cost=0)
        assert ask("k", 1, cost=0).wait == 0

    def test_a_refunded_charge_is_free_again(self) -> None:
        charges = [RateLimitCharge("k", 3, 60)]
        for _ in range(3):
            gcra.refund_charges(charges)
        assert ask("k", 3).remaining == 2
        assert ask("k", 3).remaining == 1
        gcra.refund_charges(charges)
        assert ask("k", 3).remaining == 1
        gcra.refund_charges([RateLimitCharge("k", 3, 60, 2)])
        assert ask("k", 3, cost=0).remaining == 3

    def test_without_rules_nothing_is_counted(self) -> None:
        assert spend_charges([]) == []


def test_a_counter_expires_when_it_is_free_again() -> None:
    ask("k", 10, 1)
    wait_until(lambda: not redis.sync_client().exists("k"), within=2)


def test_all_rules_of_a_request_are_one_command(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS = settings.LIMIT_TRADING = 100
    client = signed_in(alice)
    client.post("/trade/open", {})
    before: Any = redis.sync_client().info("commandstats")
    client.post("/trade/open", {})
    after: Any = redis.sync_client().info("commandstats")
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
def test_without_redis_requests_are_served_and_password_tries_stay_limited(
    anonymous: APIClient, alice: Account, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LIMIT_ADDRESS, settings.LIMIT_SIGN_LOGIN = 1000, 3
    body = {"login": alice.login, "password": "wrong guess"}
    with caplog.at_level(logging.WARNING, "api.throttling.gcra"):
        answers = [error_of(anonymous.post("/sign/in", body)) for _ in range(4)]
    assert answers == [(403, "USER_NOT_FOUND_OR_INCORRECT")] * 3 + [(429, "RET_TOO_FREQUENT")]
    assert [record.name for record in caplog.records].count("api.throttling.gcra") == 1


@pytest.mark.usefixtures("redis_away")
def test_counting_in_redis_resumes_when_it_is_back(settings: Any, monkeypatch: Any) -> None:
    ask("k", 5)
    monkeypatch.setattr(gcra, "REDIS_RETRY_DELAY", 0.0)
    assert ask("k", 5).remaining == 3
