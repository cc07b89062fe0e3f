"""NAME_FILE in place of NAME: the setting is the file's content, for every variable."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import forked
from tests.config.test_env_example import EXAMPLE, LINE
from tests.runtime.process_helpers import PYTHON, ROOT

SHOW = "import sys; from config import settings as s; print([vars(s)[n] for n in sys.argv[1:]])"


def show(names: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """What a process of its own has as the settings of these names."""
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "platform")}
    return forked.run(["-c", SHOW, *names.split()], {**bare, **variables})


def value(names: str, **variables: str) -> str:
    done = show(names, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refusal(**variables: str) -> str:
    done = show("", **variables)
    assert done.returncode != 0
    return done.stderr.splitlines()[-1].partition(": ")[2]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return tmp_path / "secret"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_value_is_the_content_without_the_final_newline(secret: Path, ending: str) -> None:
    secret.write_bytes(b" with spaces = kept " + ending.encode())
    assert value("SECRET_KEY", SECRET_KEY_FILE=str(secret)) == "[' with spaces = kept ']"


def test_a_secret_may_begin_with_a_dollar(secret: Path) -> None:
    secret.write_text("$HOME")
    assert value("FEED_TOKEN", FEED_TOKEN_FILE=str(secret)) == "['$HOME']"


def test_lists_and_numbers_are_read_from_files(secret: Path) -> None:
    secret.write_text("a.example,b.example\n")
    hosts = value("ALLOWED_HOSTS", ALLOWED_HOSTS_FILE=str(secret))
    assert hosts == "[['a.example', 'b.example']]"
    secret.write_text("17\n")
    assert value("PORT", PORT_FILE=str(secret)) == "[17]"
    secret.write_text("many\n")
    assert refusal(PORT_FILE=str(secret)) == "PORT='many': must be a whole number"


def test_every_variable_can_be_a_file(tmp_path: Path) -> None:
    example = dict(LINE.findall(EXAMPLE.read_text()))
    files = {f"{name}_FILE": str(tmp_path / name) for name in example}
    for name, content in example.items():
        (tmp_path / name).write_text(content + "\n")
    names = "LOCAL_DIR PORT SECRET_KEY ALLOWED_HOSTS DATABASES EMAIL_URL FEED_FILES"
    assert value(names, **files) == value(names)
    for name in ("LOG_LEVEL", "EVENT_LOG_DAYS", "EMAIL_URL"):  # one of each kind of reader
        message = refusal(**{**files, f"{name}_FILE": "/nowhere/at/all"})
        assert message == f"{name}_FILE='/nowhere/at/all': No such file or directory"


def test_name_and_name_file_together_are_refused(secret: Path) -> None:
    secret.write_text("x")
    message = refusal(FEED_TOKEN="y", FEED_TOKEN_FILE=str(secret))
    assert message == "FEED_TOKEN and FEED_TOKEN_FILE are both set: take one away"


def test_a_binary_file_or_a_folder_is_refused(secret: Path) -> None:
    secret.write_bytes(b"\xff\xfe")
    message = refusal(FEED_TOKEN_FILE=str(secret))
    assert message.endswith("is no text file")
    assert refusal(FEED_TOKEN_FILE=str(secret.parent)).endswith("Is a directory")


def test_an_error_is_one_line_without_the_secret(secret: Path) -> None:
    secret.write_text("hush")
    done = subprocess.run(
        [PYTHON, "manage.py", "check"],
        env={**os.environ, "SECRET_KEY": "x", "SECRET_KEY_FILE": str(secret)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "error: SECRET_KEY and SECRET_KEY_FILE are both set: take one away\n"
