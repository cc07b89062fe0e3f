"""A trading account with an open position, an engine that has published, and readers of tiles."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.enums import SessionType
from accounts.models import Account, User
from market.models import Symbol
from market.quotes import tick_log
from tests.backoffice.tile_reader import read_tiles
from tests.conftest import staff
from trading.engine.engine import Engine
from trading.engine.heartbeat import EngineHeartbeat

Ask = Callable[..., dict[str, Any]]
ADDRESS = "/admin/dashboard/data"


@pytest.fixture
def mary(db: None) -> User:
    """A manager."""
    return staff(4, "Mary", SessionType.MANAGER, "manager")


@pytest.fixture
def engine(alice: Account, eurusd: Symbol) -> Engine:
    """An engine with an empty book."""
    return Engine()


def publish_overview(engine: Engine) -> None:
    """Load the book, process the newest quote and publish the overview."""
    engine.load()
    for batch in list(tick_log.read_batches_after(engine.batch)):
        engine.process_batch(batch)
    engine.heartbeat = EngineHeartbeat(engine.shard, engine.shards)  # for which it is time at once
    send_heartbeat(engine)


def send_heartbeat(engine: Engine) -> None:
    """Do what the engine does once a second."""
    orders = len(engine.book.logins)
    engine.heartbeat.send(engine.margin, engine.executor, batch=engine.batch, orders=orders)
    engine.save_checkpoint()


@pytest.fixture
def ask(client: Client) -> Ask:
    """The tiles' contents for a staff member: `ask(dan)["exposure"]`."""

    def of(user: User, *tiles: str) -> dict[str, Any]:
        client.force_login(User.objects.get(pk=user.pk))
        return read_tiles(client.get(ADDRESS, {"tile": tiles}))

    return of


def texts(part: dict[str, Any]) -> list[list[str]]:
    """Return a table's cells as staff read them."""
    return [[one if isinstance(one, str) else one["text"] for one in row] for row in part["rows"]]


def figure(tile: list[dict[str, Any]], label: str) -> str:
    """Return a labelled figure of a tile."""
    found = {name: value for name, value, *_ in tile[0]["figures"]}
    return str(found[label])


__all__ = ["ADDRESS", "Ask", "figure", "publish_overview", "send_heartbeat", "texts"]
