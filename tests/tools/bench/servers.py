"""Private servers in a folder of their own, for benches and trials."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def bench_servers() -> Iterator[None]:
    """Run PostgreSQL and Redis while the block runs, migrated, with Django set up on them."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    os.environ |= {"LOCAL_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ["LOG_LEVEL"] = "WARNING"
    import django

    from runtime.paths import configured_paths
    from runtime.servers import run_private_servers

    try:
        with run_private_servers(configured_paths(), postgres=True, redis=True):
            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
