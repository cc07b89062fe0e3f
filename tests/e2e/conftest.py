import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.house import House


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """One platform for the tests that only use it."""
    folder = Path(tempfile.mkdtemp(prefix="house-"))
    house = House(folder)
    try:
        house.wait_until_ready()
        yield house
    finally:
        house.process.terminate()
        house.process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)
