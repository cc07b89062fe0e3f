"""What a production start refuses."""

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks

from accounts.demo import DEMO_PASSWORD
from accounts.models import User
from tests import forked
from tests.runtime.process_helpers import PYTHON, ROOT

GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "broker.example",
    "DATABASE_URL": "postgresql://broker@127.0.0.1:1/broker",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
# Each start asks the database for the demo's users, ten seconds long where none answers.
REACHABLE = {"DATABASE_URL": settings.DATABASE_URL, "PYTHONPATH": str(ROOT / "platform")}


def production(**variables: str) -> dict[str, str]:
    wanted = {**os.environ, **GOOD, **variables}
    return {name: value for name, value in wanted.items() if value}


def check(**variables: str) -> "subprocess.CompletedProcess[str]":
    return forked.run(["manage.py", "check"], production(**variables))


def test_a_valid_environment_passes() -> None:
    command = [PYTHON, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=production(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("SECRET_KEY", "", "platform.E001"),
        ("SECRET_KEY", "short", "platform.E001"),
        ("ALLOWED_HOSTS", "*", "platform.E002"),
        ("ALLOWED_HOSTS", "", "platform.E002"),
        ("DATABASE_URL", "", "platform.E003"),
    ],
)
def test_an_invalid_environment_is_refused_with_the_reason(
    variable: str, value: str, reason: str
) -> None:
    done = check(**{variable: value})
    assert done.returncode == 1
    assert reason in done.stderr


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_celery_ends_with_the_reason_in_an_invalid_environment(
    tmp_path: Path, service: str
) -> None:
    wanted = {**os.environ, **GOOD, "SECRET_KEY": "short", **REACHABLE}
    words = ["-m", "celery", "--quiet", "-A", "config", service]
    done = forked.run(words, {**wanted, "LOCAL_DIR": str(tmp_path)})
    assert done.returncode == 1, done.stderr
    assert "platform.E001" in done.stderr


@pytest.mark.django_db
def test_the_demo_passwords_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create_user(100001, DEMO_PASSWORD)
    User.objects.create_user(100002, "another one")
    monkeypatch.setattr(settings, "PRODUCTION", True)
    found = [message.msg for message in run_checks(databases=["default"])]
    assert [line for line in found if "100001" in line]
    assert not [line for line in found if "100002" in line]


LOADED = """
import sys
import config.wsgi, config.asgi, config.celery
print(*(name for name in sys.modules if name.split(".")[0] in ("embedded", "backups")))
"""


def test_production_imports_nothing_of_the_private_servers() -> None:
    wanted = {**os.environ, **GOOD, **REACHABLE}
    done = subprocess.run(
        [PYTHON, "-c", LOADED], cwd=ROOT, env=wanted, capture_output=True, text=True, check=True
    )
    # The applications alone, for their commands.
    assert set(done.stdout.split()) <= {"embedded", "runtime.apps", "backups", "backups.apps"}
