"""The production checks by id, the document that lists them, and `check --deploy`."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.test import override_settings

from core.sections import SECTIONS
from tests import forked
from tests.config.test_production_start import GOOD, REACHABLE
from tests.runtime.process_helpers import PYTHON

ROOT = Path(settings.BASE_DIR)
ID = re.compile(r"\b(?:platform|" + "|".join(SECTIONS) + r")\.[EW]\d{3}\b")
FIT = {
    "PRODUCTION": True,
    "SECRET_KEY": "a8s7d6f5g4h3j2k1l0QpWoEiRuTyAlSkDjFhGzMxNcBv_-98765",
    "ALLOWED_HOSTS": ["broker.example"],
    "OWN_DATABASE": False,
    "OWN_REDIS": False,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    "FEED_TOKEN": "",
    "METRICS_TOKEN": "",
}
UNFIT = [
    ("platform.E001", {"SECRET_KEY": settings.DEVELOPMENT_KEY}),
    ("platform.E001", {"SECRET_KEY": "k" * 31}),
    ("platform.E002", {"ALLOWED_HOSTS": []}),
    ("platform.E002", {"ALLOWED_HOSTS": ["broker.example", "*"]}),
    ("platform.E003", {"OWN_DATABASE": True}),
    ("platform.E003", {"OWN_REDIS": True}),
    ("platform.E004", {"DEBUG": True}),
    ("platform.E005", {"SESSION_COOKIE_SECURE": False}),
    ("platform.E005", {"CSRF_COOKIE_SECURE": False}),
    ("platform.E006", {"FEED_TOKEN": "x" * 23}),
    ("platform.E006", {"METRICS_TOKEN": "secret"}),
    (
        "platform.E007",
        {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]},
    ),
    ("accounts.E002", {"SIGN_UP_VERIFY": True, "EMAIL_URL": ""}),
    ("trading.E001", {"REPORT_MAIL_ROLE": "manager", "EMAIL_URL": ""}),
    ("trading.E002", {"STATEMENT_FONTS": ["/nowhere/font.ttf"]}),
    ("trading.E002", {"STATEMENT_FONTS": [__file__]}),
    ("alerts.E001", {"WEBHOOK_ALLOW_LOOPBACK": True}),
]


def found() -> Iterator[CheckMessage]:
    return (message for message in run_checks() if ID.fullmatch(str(message.id)))


@override_settings(**FIT)
def test_valid_settings_pass() -> None:
    assert list(found()) == []


@pytest.mark.parametrize(("check", "changes"), UNFIT)
def test_each_unsafe_setting_is_refused_with_its_check_id_and_a_hint(
    check: str, changes: dict[str, object]
) -> None:
    with override_settings(**{**FIT, **changes}):
        (message,) = found()
    assert message.id == check
    assert message.is_serious()
    assert message.hint


@pytest.mark.parametrize(("check", "changes"), UNFIT)
def test_development_allows_all_unsafe_settings(check: str, changes: dict[str, object]) -> None:
    with override_settings(**{**FIT, **changes, "PRODUCTION": False}):
        assert list(found()) == []


def test_the_document_lists_exactly_the_existing_checks() -> None:
    sources = [*(ROOT / "platform").rglob("*.py"), *(ROOT / s for s in SECTIONS)]
    files = [f for path in sources for f in ([path] if path.is_file() else path.rglob("*.py"))]
    code = {found for file in files for found in re.findall(f'"({ID.pattern})"', file.read_text())}
    table = re.findall(
        rf"^\| `({ID.pattern})` \|", (ROOT / "docs/checks.md").read_text(), re.MULTILINE
    )
    assert len(code) > 8
    assert table == sorted(set(table), key=table.index)
    assert set(table) == code


def deployed(**variables: str) -> "subprocess.CompletedProcess[str]":
    wanted = {**os.environ, **GOOD, "SECRET_KEY": str(FIT["SECRET_KEY"]), **variables}
    return forked.run(["manage.py", "check", "--deploy", "--fail-level", "INFO"], wanted)


def test_check_deploy_passes_with_production_settings() -> None:
    done = deployed()
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("variable", "value", "warning"),
    [
        ("SSL_REDIRECT", "0", "security.W008"),
        ("HSTS_SECONDS", "0", "security.W004"),
        ("SECRET_KEY", "k" * 40, "security.W009"),
    ],
)
def test_check_deploy_warns_of_weakened_settings(variable: str, value: str, warning: str) -> None:
    done = deployed(**{variable: value})
    assert done.returncode == 1
    assert warning in done.stderr


def test_a_settings_module_that_turns_debug_on_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("from config.settings import *\nDEBUG = True\n")
    environment = {
        **os.environ,
        **GOOD,
        **REACHABLE,
        "DJANGO_SETTINGS_MODULE": "own",
        "PYTHONPATH": f"{tmp_path}:{ROOT}:{ROOT}/platform",
    }
    done = subprocess.run(
        [PYTHON, "-c", "import config.wsgi"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "error: platform.E004: DEBUG " in done.stderr
