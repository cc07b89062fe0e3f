import time
from collections.abc import Iterator

import pytest
from django.test import override_settings

from market import catalog
from market.models import Symbol
from tests import factories
from tests.runtime.process_helpers import wait_until
from tests.web.web_servers import NAMES, WebServer


@pytest.fixture(scope="session", params=NAMES)
def web(django_db_setup: None, request: pytest.FixtureRequest) -> Iterator[WebServer]:
    """Each server for all tests of the run; a traceback in its log fails the run."""
    server = WebServer(request.param)
    yield server
    text = server.stop()
    assert "Traceback" not in text, text
    assert " 500 " not in text, text


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> Iterator[None]:
    """Commit rows really, and use Argon2 alone: the servers are other processes."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        yield


@pytest.fixture
def eurusd(committed: None) -> Symbol:
    """EURUSD, known to every process of the servers: each keeps its symbols for a moment."""
    symbol, made = factories.symbol("EURUSD"), time.monotonic()
    wait_until(lambda: time.monotonic() - made > catalog.CACHE_SECONDS)
    factories.quote("EURUSD", 1.1, 1.1001)
    return symbol
