import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running_platform import Platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """One platform for the tests that only use it."""
    folder = Path(tempfile.mkdtemp(prefix="e2e-"))
    platform = Platform(folder)
    try:
        platform.wait_until_ready()
        yield platform
        assert platform.end()[0] == 0
    finally:
        platform.process.terminate()
        platform.process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)
