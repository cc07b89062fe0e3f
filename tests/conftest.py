"""The cast: Alice trades, Bob has another account, Carol is support, Dan a dealer, Eve disabled."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase, override_settings
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.enums import SessionType
from accounts.models import Account, User
from accounts.session_queries import clear_cached_rows
from core import redis
from core.session_tokens import SessionToken
from market import catalog
from market.api.short_list import clear_short_lists
from market.models import Symbol
from observe import counters
from tests import database, factories, fuzz  # noqa: F401 (sets hypothesis' profile)
from trading.api.portfolio import cached_portfolios

pytest_plugins = ["tests.backoffice.fixtures"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have Django clone the test database from the template."""
    with django_db_blocker.unblock():
        database.use_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Replace the flush after tests that commit by one that removes the rows that they left."""
    with django_db_blocker.unblock():
        restorer = database.Restorer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: restorer.restore())
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """Argon2 takes its time by design; the tests of hashing itself ask for it by name."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_when_asked() -> Iterator[None]:
    """Each test client builds the middleware anew, and whitenoise would scan all files for it."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True, scope="session")
def _nothing_in_the_background() -> Iterator[None]:
    """Of this process only tests write to Redis: no thread flushes counts and reports its pool."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counters, "INTERVAL", 3600.0)
        yield


@pytest.fixture(autouse=True)
def _clean_processes() -> Iterator[None]:
    """Redis holds nothing of an earlier test, and neither do the caches of this process."""
    redis.sync_client().flushall()
    cache.clear()
    clear_kept_rows()
    yield
    catalog.clear_catalog()


def clear_kept_rows() -> None:
    """Have this process read again what it keeps of the database."""
    catalog.clear_catalog()
    clear_short_lists()
    clear_cached_rows()
    cached_portfolios.clear()


@pytest.fixture
def alice(db: None) -> Account:
    """A client with 10 000 USD, leverage 100."""
    return factories.client(100001, factories.group("demo-usd"), name="Alice")


@pytest.fixture
def bob(db: None) -> Account:
    """A client with 10 000 EUR, leverage 100."""
    return factories.client(100002, factories.group("std-eur", "EUR"), name="Bob")


@pytest.fixture
def eve(db: None) -> Account:
    """A client whose user is disabled."""
    account = factories.client(100003, factories.group("demo-usd"), name="Eve")
    User.objects.filter(pk=account.pk).update(enable=False)
    account.user.refresh_from_db()
    return account


def staff(login: int, name: str, kind: SessionType, *roles: str) -> User:
    """A staff user with its roles."""
    from django.contrib.auth.models import Group as Role

    user = User.objects.create_user(
        login, factories.PASSWORD, name=name, type=kind, is_superuser=kind == SessionType.ADMIN
    )
    user.groups.set(Role.objects.filter(name__in=roles))
    return user


@pytest.fixture
def admin(db: None) -> User:
    """The administrator."""
    return staff(1, "Administrator", SessionType.ADMIN)


@pytest.fixture
def dan(db: None) -> User:
    """A dealer."""
    return staff(2, "Dan", SessionType.DEALER, "dealer")


@pytest.fixture
def carol(db: None) -> User:
    """Support."""
    return staff(3, "Carol", SessionType.MANAGER, "support")


@pytest.fixture
def eurusd(db: None) -> Symbol:
    """EURUSD with a quote of 1.10000/1.10010."""
    symbol = factories.symbol("EURUSD")
    factories.quote("EURUSD", 1.1, 1.1001)
    return symbol


Signed = Callable[[Account | User], APIClient]


@pytest.fixture
def signed_in() -> Signed:
    """An API client with the session of an account or user: `signed_in(alice).get("/market")`."""

    def of(who: Account | User) -> APIClient:
        user = who.user if isinstance(who, Account) else who
        token = SessionToken.issue(user.login, user.type, user.session_version)
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=str(token))
        client.default_format = "json"
        return client

    return of


@pytest.fixture
def anonymous() -> APIClient:
    """An API client without a session."""
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    return client


def error_of(answer: Any) -> tuple[int, str]:
    """Status and code of an error answer, in the one shape that errors have, or that of `/udf`."""
    body = answer.json()
    if set(body) == {"s", "errmsg"} and answer.request["PATH_INFO"].startswith("/udf/"):
        assert body["s"] == "error"
        return answer.status_code, body["errmsg"].partition(":")[0]
    assert set(body) == {"error", "message"}, body
    return answer.status_code, body["error"]


def message_of(answer: Any) -> str:
    """Return the message of an error answer, in either shape of `error_of`."""
    body = answer.json()
    message: str = body["message"] if "message" in body else body["errmsg"].partition(": ")[2]
    return message
