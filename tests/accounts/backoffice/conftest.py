from collections.abc import Iterator

import pytest
from django.test import override_settings

from accounts.enums import SessionType
from accounts.models import User
from tests.conftest import staff


@pytest.fixture
def mary(db: None) -> User:
    """A manager of all groups."""
    return staff(4, "Mary", SessionType.MANAGER, "manager")


@pytest.fixture
def mia(db: None) -> User:
    """A manager who is limited to groups like Bob's."""
    user = staff(5, "Mia", SessionType.MANAGER, "manager")
    User.objects.filter(pk=5).update(managed_groups="std-*")
    user.refresh_from_db()
    return user


@pytest.fixture
def otto(db: None) -> User:
    """Another manager."""
    return staff(6, "Otto", SessionType.MANAGER, "manager")


@pytest.fixture
def a_limit() -> Iterator[None]:
    """Require a second person above 1000 USD."""
    with override_settings(APPROVAL_ABOVE=1000):
        yield
