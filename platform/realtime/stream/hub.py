"""One hub per process: what comes from Redis goes to the connections that want it."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import ClassVar
from weakref import WeakKeyDictionary

from django.contrib.auth import get_user_model
from django.db import Error
from redis.asyncio import Redis

from core.errors import BrokerError
from core.json import DecimalDecoder
from core.redis_keys import QUOTES_CHANNEL
from realtime.events import event_log
from realtime.events.publish import account_channel
from realtime.events.types import changes_terms
from realtime.stream import latest_quotes, metrics, server_frames
from realtime.stream.connection import StreamConnection
from realtime.stream.database import run_query
from realtime.stream.price_views import CurrentPriceViews
from realtime.stream.quote_board import QuoteBoard
from realtime.stream.redis_subscription import RedisSubscription

SOCKETS_PER_LOGIN = 10
HEARTBEAT_INTERVAL = 5.0  # seconds
REPLACED_BY_NEWER = 4429
GROUP_COLUMNS = ("account__group", "account__group__hidden_symbols")
log = logging.getLogger(__name__)


class Hub:
    """The authorized connections of this process. It lives while there are any."""

    _hubs: ClassVar["WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]"] = WeakKeyDictionary()

    def __init__(self) -> None:
        self.board = QuoteBoard()
        self._connections: dict[int, list[StreamConnection]] = {}
        self._subscription = RedisSubscription(
            QUOTES_CHANNEL, self._dispatch_message, self._load_after_connect, self._warn_of_delay
        )
        self._subscription.start()
        self.prices = CurrentPriceViews(self._show_changed_prices)
        self._heartbeats = asyncio.create_task(self._run_heartbeats())
        self._recovery: asyncio.Task[None] | None = None
        self._loading: set[asyncio.Task[None]] = set()
        self._reporting: asyncio.Task[None] | None = None

    @classmethod
    def of_running_loop(cls) -> "Hub":
        """Return the hub of the running event loop, started when there is none."""
        loop = asyncio.get_running_loop()
        if loop not in cls._hubs:
            cls._hubs[loop] = cls()
        return cls._hubs[loop]

    async def join(self, connection: StreamConnection) -> None:
        """Add the connection; its account's channel is subscribed when this returns."""
        self._connections.setdefault(connection.login, []).append(connection)
        await self._subscription.subscribe(account_channel(connection.login))

    def activate(self, connection: StreamConnection, seq: int, figures: int) -> None:
        """Send events to the connection from now on; close the oldest beyond the limit."""
        connection.cursor.start(seq, figures)
        open_ones = [
            other
            for other in self._connections.get(connection.login, [])
            if other.cursor.is_started and not other.outbox.is_closing
        ]
        for oldest in open_ones[:-SOCKETS_PER_LOGIN]:
            oldest.outbox.close(REPLACED_BY_NEWER)
        if self._subscription.is_down:
            connection.outbox.put(server_frames.delay_warning(connection.login))

    def leave(self, connection: StreamConnection) -> None:
        """Remove the connection; stop the hub after the last one."""
        for symbol in [*connection.symbols]:
            self.hide_symbol(connection, symbol)
        connections = self._connections.get(connection.login, [])
        if connection in connections:
            connections.remove(connection)
        if not connections:
            self._connections.pop(connection.login, None)
            self._subscription.unsubscribe(account_channel(connection.login))
        if not self._connections:
            self._stop()

    def show_symbol(self, connection: StreamConnection, symbol: str) -> None:
        """Send the symbol's quotes as the connection's group sees them, the newest at once."""
        self.hide_symbol(connection, symbol)
        view = connection.symbols[symbol] = self.prices.view_of(connection.group, symbol)
        self.board.add_reader(connection.outbox, symbol, view)

    def hide_symbol(self, connection: StreamConnection, symbol: str) -> None:
        """Send no more quotes of the symbol."""
        view = connection.symbols.pop(symbol, None)
        self.board.remove_reader(connection.outbox, symbol, view)

    def _show_changed_prices(self) -> None:
        for connection in self._all_connections():
            self._update_views(connection)

    def _update_views(self, connection: StreamConnection) -> None:
        """Send the newest quotes of the symbols that the connection sees otherwise now."""
        for symbol, view in [*connection.symbols.items()]:
            if view != self.prices.view_of(connection.group, symbol):
                self.show_symbol(connection, symbol)

    def _stop(self) -> None:
        self._subscription.stop()
        self.prices.stop()
        self._heartbeats.cancel()
        if self._recovery is not None:
            self._recovery.cancel()
        loop = asyncio.get_running_loop()
        if self._hubs.get(loop) is self:
            del self._hubs[loop]

    def _dispatch_message(self, channel: str, data: str) -> None:
        if channel == QUOTES_CHANNEL:
            for quote in latest_quotes.parse_quotes(data):
                self.board.offer(quote)
            return
        message = json.loads(data, cls=DecimalDecoder)
        for connection in self._connections.get(int(channel.partition(":")[2]), []):
            if "end" in message:
                connection.end_session(message["end"], spared_jti=message.get("spared"))
            elif "floating" in message:
                connection.cursor.take_floating(message["seq"], message["floating"])
            else:
                connection.cursor.take_events(message["first"], message["events"])
                if any(map(changes_terms, message["events"])):
                    self._reload(connection)

    async def _load_after_connect(self, client: Redis) -> None:
        for quote in await latest_quotes.load_newest_quotes(client):
            self.board.offer(quote)
        if self._subscription.is_down:
            self._recovery = asyncio.create_task(self._reconcile())

    def _warn_of_delay(self) -> None:
        for connection in self._all_connections():
            if connection.cursor.is_started:
                connection.outbox.put(server_frames.delay_warning(connection.login))

    async def _run_heartbeats(self) -> None:
        while True:
            self._report_metrics()
            await asyncio.sleep(HEARTBEAT_INTERVAL)
            await self._reconcile(self.board.ctm)

    def _report_metrics(self) -> None:
        """Report in a task of its own, as the heartbeat must not wait for Redis."""
        if self._reporting is None or self._reporting.done():
            self._reporting = asyncio.create_task(
                metrics.report_metrics(len(self._all_connections()))
            )

    async def _reconcile(self, ctm: int | None = None) -> None:
        """Make up for announcements that were lost: ended sessions, other groups, events.

        One query each for all connections here; a connection closes its own gap in the
        events. What fails is tried again at the next heartbeat.
        """
        try:
            await self._end_sessions()
            await self._follow_groups()
            newest = await run_query(event_log.newest_seqs, list(self._connections))
        except Error as error:
            log.warning("no heartbeat: %s", error)
            return
        for connection in self._all_connections():
            if connection.login in newest:
                connection.cursor.catch_up_to(newest[connection.login], ctm)

    async def _end_sessions(self) -> None:
        connections = [member for member in self._all_connections() if member.cursor.is_started]
        users = get_user_model()._default_manager
        live = await run_query(users.live_sessions, [m.session for m in connections])
        for connection in connections:
            if connection.session not in live:
                connection.end_session()

    async def _follow_groups(self) -> None:
        """Load the accounts whose group is another one, or hides other symbols."""
        users = get_user_model()._default_manager
        rows = users.filter(pk__in=[*self._connections]).values_list("pk", *GROUP_COLUMNS)
        groups = await run_query(lambda: {pk: tuple(group) for pk, *group in rows})
        for connection in self._all_connections():
            known = (connection.group, connection.hidden_symbols)
            if connection.cursor.is_started and groups.get(connection.login) != known:
                await self._load_group(connection)

    def _reload(self, connection: StreamConnection) -> None:
        """Load the account of a connection in a task of its own."""
        task = asyncio.create_task(self._load_group(connection))
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)

    async def _load_group(self, connection: StreamConnection) -> None:
        """Send quotes as the account's present group sees them, and none that it hides.

        An account that cannot be loaded is tried again at the next heartbeat.
        """
        with suppress(BrokerError, Error):
            await connection.load_account()
        if connection.cursor.is_started:
            for symbol in filter(connection.hides, [*connection.symbols]):
                self.hide_symbol(connection, symbol)
            self._update_views(connection)

    def _all_connections(self) -> list[StreamConnection]:
        return [member for members in self._connections.values() for member in members]
