"""The system checks of the settings of deliveries."""

import os

import pytest

from tests import forked
from tests.config.test_production_start import check
from tests.runtime.process_helpers import ROOT


def test_production_refuses_allow_loopback() -> None:
    done = check(WEBHOOK_ALLOW_LOOPBACK="1")
    assert done.returncode == 1
    assert "alerts.E001" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WEBHOOK_ALLOW_LOOPBACK", "yes"), ("EMAIL_URL", "pigeon://x"), ("EMAIL_URL", "smtp://h:x")],
)
def test_a_wrong_value_stops_the_start(variable: str, value: str) -> None:
    done = check(**{variable: value})
    assert done.returncode != 0
    assert done.stderr.startswith("error: ")
    assert variable in done.stderr


def test_the_mail_settings_are_read_from_email_url() -> None:
    shown = "from config import settings as s; print(s.EMAIL_BACKEND, s.EMAIL_HOST, s.EMAIL_PORT,"
    shown += " s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_TIMEOUT)"
    url = "smtp+tls://alice:p%40ss@mail.example:587"
    environment = {**os.environ, "EMAIL_URL": url, "PYTHONPATH": str(ROOT / "platform")}
    done = forked.run(["-c", shown], environment)
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    assert done.stdout.split() == [smtp, "mail.example", "587", "alice", "p@ss", "True", "15"]
