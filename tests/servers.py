"""An early pytest plugin: private servers for each process of the run, in a LOCAL_DIR of its own.

With `-n N` the N workers have a PostgreSQL, a Redis, folders and so sockets of their own, and the
process that hands out the tests has none.
"""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.errors import CannotStart
from runtime.lock import claim_local_dir
from runtime.paths import LocalPaths, configured_paths
from runtime.servers import run_private_servers

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 40  # processes of pytest in one checkout
stack = ExitStack()


# Every request of the tests comes from one address; those of the limits set their own.
RULES = (
    "LIMIT_ADDRESS", "LIMIT_SIGN_ADDRESS", "LIMIT_SIGN_LOGIN", "LIMIT_SIGN_FAILURES",
    "LIMIT_SIGN_UP_MINUTE", "LIMIT_SIGN_UP_DAY", "LIMIT_SIGN_UP_EMAIL_DAY", "LIMIT_TRADING",
    "LIMIT_UPLOAD",
)  # fmt: skip
os.environ.update(dict.fromkeys(RULES, "0"))
# Else each process of the run compiles all modules anew, this one with pytest's changes to them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Each test begins with FLUSHALL: never on a Redis that somebody else uses.
os.environ["REDIS_URL"] = ""


def take_folder() -> None:
    """Claim the first folder that no other pytest run holds, before any settings are read."""
    for number in range(1, AT_ONCE + 1):
        folder = f".local/test-{number}"
        try:
            stack.enter_context(claim_local_dir(LocalPaths.resolve(ROOT, folder)))
        except CannotStart as error:
            if number == AT_ONCE:
                pytest.exit(f"error: {error}", returncode=1)
        else:
            os.environ["LOCAL_DIR"] = folder
            return


take_folder()


def runs_tests(config: pytest.Config) -> bool:
    """Return whether this process runs tests itself instead of handing them to workers."""
    return hasattr(config, "workerinput") or not config.getoption("tx", default=None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the servers. pytest ends with a line that says why if they cannot be started."""
    if session.config.option.collectonly or not runs_tests(session.config):
        return
    from django.conf import settings

    postgres, redis = settings.OWN_DATABASE, settings.OWN_REDIS
    servers = run_private_servers(configured_paths(), postgres=postgres, redis=redis, fast=True)
    try:
        stack.enter_context(servers)
    except CannotStart as error:
        pytest.exit(f"error: {error}", returncode=1)


def pytest_unconfigure() -> None:
    """Stop the servers and release the folder."""
    stack.close()
