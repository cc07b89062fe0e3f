import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running_platform import Platform


@pytest.fixture(scope="session")
def house() -> Iterator[Platform]:
    """One platform for the tests that only use it."""
    folder = Path(tempfile.mkdtemp(prefix="house-"))
    house = Platform(folder)
    try:
        house.wait_until_ready()
        yield house
        assert house.end()[0] == 0
    finally:
        house.process.terminate()
        house.process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)
