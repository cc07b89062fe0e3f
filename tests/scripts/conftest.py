import pytest

from accounts.models import Account, User
from tests.conftest import Signed
from tests.rest_client import Rest


@pytest.fixture
def alice(alice: Account, signed_in: Signed) -> Rest:
    return Rest(signed_in(alice))


@pytest.fixture
def bob(bob: Account, signed_in: Signed) -> Rest:
    return Rest(signed_in(bob))


@pytest.fixture
def admin(admin: User, signed_in: Signed) -> Rest:
    return Rest(signed_in(admin))


@pytest.fixture
def carol(carol: User, signed_in: Signed) -> Rest:
    return Rest(signed_in(carol))
