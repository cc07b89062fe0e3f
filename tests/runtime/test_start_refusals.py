"""A start that cannot succeed: one clear line, a non-zero exit code, no traceback."""

import socket
from pathlib import Path

import pytest

from runtime.lock import claim_local_dir
from runtime.paths import LocalPaths
from tests import forked
from tests.runtime.process_helpers import child_environment, free_port


def refusal(local_dir: Path, **variables: str) -> str:
    """Return what `manage.py up` prints when it refuses."""
    variables = {"PORT": str(free_port()), **variables}
    result = forked.run(["manage.py", "up"], child_environment(local_dir, **variables))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("FEED", "foo"),
        ("ENVIRONMENT", "prod"),
        ("LOG_LEVEL", "loud"),
        ("FEED_SPEED", "0"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    line = refusal(tmp_path, **{name: value})
    assert line.startswith(f"error: {name}=")
    assert value in line


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = refusal(tmp_path, PORT=str(port))
    assert line == f"error: PORT={port} cannot be used: Address already in use"


def test_an_unreachable_database_is_named(tmp_path: Path) -> None:
    url = f"postgresql://broker:secret@127.0.0.1:{free_port()}/broker"
    line = refusal(tmp_path, DATABASE_URL=url)
    assert line.startswith("error: the database of DATABASE_URL does not answer: ")
    assert "secret" not in line


def test_an_unreachable_redis_is_named(tmp_path: Path) -> None:
    line = refusal(tmp_path, REDIS_URL=f"redis://:secret@127.0.0.1:{free_port()}/0")
    assert line.startswith("error: the Redis of REDIS_URL does not answer: ")
    assert "secret" not in line


def test_a_second_run_on_the_same_local_dir_is_refused(tmp_path: Path) -> None:
    with claim_local_dir(LocalPaths.resolve(tmp_path, "local")):
        line = refusal(tmp_path / "local")
    assert "already running on" in line


def test_a_local_dir_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "file").startswith("error: LOCAL_DIR cannot be used: ")
