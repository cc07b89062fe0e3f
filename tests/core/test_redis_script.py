"""Scripts by a connection of the thread: restarts, lost scripts, other threads and late answers."""

import os
import socket
import threading
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError, TimeoutError  # noqa: A004

from core import redis
from core.redis import RedisScript, ThreadConnection

SCRIPT = "return {KEYS[1] or 'none', tonumber(ARGV[1]) + 1}"


@pytest.fixture
def script() -> RedisScript:
    return RedisScript(ThreadConnection(redis.sync_client), SCRIPT)


def connections() -> int:
    found: Any = redis.sync_client().client_list()
    return len(found)


def test_it_runs_again_and_again_by_one_connection(script: RedisScript) -> None:
    assert script.run(["key"], [1]) == ["key", 2]
    before = connections()
    for number in range(5):
        assert script.run(["é"], [number]) == ["é", number + 1]
    assert connections() == before


def test_it_runs_after_redis_has_forgotten_the_script(script: RedisScript) -> None:
    for _ in range(2):
        redis.sync_client().script_flush()
        assert script.run([], [1]) == ["none", 2]


def test_a_broken_connection_is_replaced(script: RedisScript) -> None:
    for _ in range(3):
        assert script.run([], [1]) == ["none", 2]
        redis.sync_client().client_kill_filter(_type="normal", skipme=True)


def test_an_error_of_the_script_leaves_the_connection_in_order(script: RedisScript) -> None:
    with pytest.raises(ResponseError):
        script.run([], ["no number"])
    assert script.run([], [1]) == ["none", 2]


def test_a_refused_command_is_an_error_after_the_others() -> None:
    connection = ThreadConnection(redis.sync_client)
    with pytest.raises(ResponseError):
        connection.execute(("SET", "one", 1), ("INCRBY", "one", "two"), ("SET", "three", 3))
    assert connection.execute(("GET", "one"), ("GET", "three")) == ["1", "3"]


def test_threads_that_have_ended_leave_no_connection_counted(script: RedisScript) -> None:
    most = redis.sync_client().connection_pool.max_connections
    answers: list[int] = []
    for number in range(most + 5):
        thread = threading.Thread(target=lambda n=number: answers.append(script.run([], [n])[1]))
        thread.start()
        thread.join()
    assert answers == list(range(1, most + 6))


def test_each_thread_has_a_connection_of_its_own(script: RedisScript) -> None:
    answers: list[int] = []

    def run() -> None:
        answers.extend(script.run([], [number])[1] - 1 for number in range(50))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == sorted([*range(50)] * 4)


def test_a_forked_child_does_not_share_the_connection(script: RedisScript) -> None:
    script.run([], [1])
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 0 if all(script.run([], [n]) == ["none", n + 1] for n in range(50)) else 1
        finally:
            os._exit(code)
    assert all(script.run([], [-n]) == ["none", 1 - n] for n in range(50))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    """A server that answers nothing: the next run begins with a new connection."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Redis(port=silent.getsockname()[1], socket_timeout=0.05)
        script = RedisScript(ThreadConnection(lambda: client), SCRIPT)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                script.run([], [1])
        silent.settimeout(1)
        accepted = [silent.accept()[0] for _ in range(4)]
        for one in accepted:
            one.close()


def test_an_unavailable_redis_is_an_error(tmp_path: Any) -> None:
    client = Redis(unix_socket_path=str(tmp_path / "none.sock"))
    with pytest.raises(RedisError):
        RedisScript(ThreadConnection(lambda: client), SCRIPT).run([], [1])


def test_another_client_has_another_connection(script: RedisScript) -> None:
    assert script.run([], [1]) == ["none", 2]
    redis.sync_client.cache_clear()
    assert script.run([], [1]) == ["none", 2]
