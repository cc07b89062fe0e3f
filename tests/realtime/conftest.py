import json
import socket
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from accounts.models import Account, User
from core import redis
from core.session_tokens import SessionToken
from realtime.events import event_log
from realtime.events.types import EventCode, NotificationEvent
from tests import factories
from tests.realtime.stream_client import StreamClient
from tests.realtime.stream_server import StreamServer

Connect = Callable[..., StreamClient]


@pytest.fixture(scope="session")
def stream(django_db_setup: None) -> Iterator[StreamServer]:
    """One daphne for the whole run; an error in its log fails the run."""
    server = StreamServer()
    yield server
    message = server.stop()
    assert "Traceback" not in message, message
    assert "Task was destroyed" not in message, message


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """The daphne process sees only what is really committed."""


@pytest.fixture
def alice() -> Account:
    """A client whose event log is empty."""
    return factories.client(100001, factories.group(), deposit="0")


@pytest.fixture
def bob() -> Account:
    """Another one."""
    return factories.client(100002, factories.group(), deposit="0")


@pytest.fixture
def client(stream: StreamServer) -> Iterator[Connect]:
    """Connect to the stream; given an account, authorize as its client."""
    opened: list[StreamClient] = []

    def connect(account: Account | None = None, **options: object) -> StreamClient:
        opened.append(StreamClient(stream.url, **options))
        if account is not None:
            answer = opened[-1].ask({"authorization": new_token(account)})
            assert answer == {"event": "authorization", "success": True}
        return opened[-1]

    yield connect
    for stream_client in opened:
        stream_client.close()


def new_token(account: Account) -> str:
    """Return a fresh session's token."""
    return str(issue_token(account.user))


def issue_token(user: User) -> SessionToken:
    return SessionToken.issue(user.login, user.type, user.session_version)


def text_event(text: object) -> NotificationEvent:
    """Return an event that its message identifies; what does not fit there is its description."""
    message, more = str(text)[:128], str(text)[128:]
    return NotificationEvent(message, more, "LIVE_DATA", 0, 10, 100001, 0, {}, EventCode.ADD)


def append_events(login: int, *texts: object) -> int:
    """Append one event for each text in one transaction; return the account's new seq."""
    with transaction.atomic():
        account = Account.objects.locked(login)
        event_log.append_events(account, *map(text_event, texts))
    return account.seq


def append_unannounced(login: int, *texts: object) -> int:
    """Append events as if the process died before publishing them."""
    with transaction.atomic():
        account = Account.objects.locked(login)
        event_log.append_events(account, *map(text_event, texts))
        connection.run_on_commit.clear()
    return account.seq


def publish_quote(symbol: str, bid: float, ask: float, ctm: int) -> None:
    """Publish a quote as the feed does."""
    publish_batch([symbol, bid, ask, ctm])


def publish_batch(*quotes: list[object]) -> None:
    """Publish quotes as a flush of the feed does."""
    entries = {q[0]: json.dumps([q[1], q[2], int(str(q[3])) * 1000, 0, 1]) for q in quotes}
    redis.sync_client().hset("quotes", mapping=entries)  # type: ignore[arg-type]  # str keys are fine
    redis.sync_client().publish("quotes", json.dumps(quotes))


def slow_connection(stream: StreamServer) -> socket.socket:
    """Return a connection with a small receive buffer, for a slow reader."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    connection.connect(("127.0.0.1", stream.port))
    return connection
