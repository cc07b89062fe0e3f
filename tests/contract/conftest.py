"""One world for each row of the contract."""

import pytest

from tests.contract.world import World


@pytest.fixture
def world(request: pytest.FixtureRequest, db: None) -> World:
    """As every row finds it, before its own scene is set."""
    return World(request)
