import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running_platform import Platform

APPROVAL_ABOVE = 1000  # dollars


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """One platform with the demo's data for all tests of this folder, with or without a browser."""
    folder = Path(tempfile.mkdtemp(prefix="e2e-"))
    platform = Platform(folder, APPROVAL_ABOVE=str(APPROVAL_ABOVE))
    try:
        platform.wait_until_ready()
        yield platform
        assert platform.end()[0] == 0
    finally:
        platform.process.terminate()
        platform.process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)
