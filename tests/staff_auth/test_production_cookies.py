import os
from pathlib import Path

from tests import forked

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "from config import settings as s;"
    "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
    " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE)"
)


def shown(**environment: str) -> str:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "platform"), **environment}
    result = forked.run(["-c", SHOW], env)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_in_production_the_cookies_are_secure_and_bound_to_the_host() -> None:
    shows = shown(ENVIRONMENT="production", SECRET_KEY="x" * 40, ALLOWED_HOSTS="a.example")
    assert shows == "__Host-session __Host-csrf True True Strict Strict"


def test_in_development_the_cookies_work_without_https() -> None:
    assert shown() == "session csrf False False Strict Strict"
