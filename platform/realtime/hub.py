"""One hub per process: what comes from Redis goes to the connections that want it."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from django.contrib.auth import get_user_model
from django.db import Error
from redis.asyncio import Redis

from core.errors import BrokerError
from core.json import DecimalDecoder
from core.redis_keys import QUOTES_CHANNEL
from realtime import latest, tally, wire
from realtime import log as events
from realtime.board import Board
from realtime.bus import Bus
from realtime.database import read
from realtime.member import Member
from realtime.publish import account_channel

SOCKETS_PER_LOGIN = 10
BEAT = 5.0  # seconds
REPLACED = 4429
HIDDEN = "account__group__hidden_symbols"
log = logging.getLogger(__name__)


class Hub:
    """The authorized connections of this process. It lives while there are any."""

    _hubs: ClassVar["WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]"] = WeakKeyDictionary()

    def __init__(self) -> None:
        self.board = Board()
        self._members: dict[int, list[Member]] = {}
        self._bus = Bus(QUOTES_CHANNEL, self._receive, self._connected, self._lost)
        self._bus.start()
        self._heart = asyncio.create_task(self._beats())
        self._recovery: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    @classmethod
    def current(cls) -> "Hub":
        """Return the hub of the running event loop, started when there is none."""
        loop = asyncio.get_running_loop()
        if loop not in cls._hubs:
            cls._hubs[loop] = cls()
        return cls._hubs[loop]

    async def join(self, member: Member) -> None:
        """Add the connection; its account's channel is subscribed when this returns."""
        self._members.setdefault(member.login, []).append(member)
        await self._bus.want(account_channel(member.login))

    def admit(self, member: Member, seq: int) -> None:
        """Send events to the connection from now on; close the oldest beyond the limit."""
        member.follower.start(seq)
        open_ones = [
            other
            for other in self._members.get(member.login, [])
            if other.follower.started and not other.outbox.closing
        ]
        for oldest in open_ones[:-SOCKETS_PER_LOGIN]:
            oldest.outbox.close(REPLACED)
        if self._bus.down:
            member.outbox.put(wire.delayed(member.login))

    def leave(self, member: Member) -> None:
        """Remove the connection; stop the hub after the last one."""
        for symbol in member.symbols:
            self.board.remove(member.outbox, symbol)
        members = self._members.get(member.login, [])
        if member in members:
            members.remove(member)
        if not members:
            self._members.pop(member.login, None)
            self._bus.drop(account_channel(member.login))
        if not self._members:
            self._stop()

    def _stop(self) -> None:
        self._bus.stop()
        self._heart.cancel()
        if self._recovery is not None:
            self._recovery.cancel()
        loop = asyncio.get_running_loop()
        if self._hubs.get(loop) is self:
            del self._hubs[loop]

    def _receive(self, channel: str, data: str) -> None:
        if channel == QUOTES_CHANNEL:
            for quote in latest.published(data):
                self.board.offer(quote)
            return
        message = json.loads(data, cls=DecimalDecoder)
        for member in self._members.get(int(channel.partition(":")[2]), []):
            if "end" in message:
                member.end(message["end"], spared_jti=message.get("spared"))
            elif "floating" in message:
                member.follower.floating(message["seq"], message["floating"])
            else:
                member.follower.announced(message["first"], message["events"])

    async def _connected(self, client: Redis) -> None:
        for quote in await latest.all_of(client):
            self.board.offer(quote)
        if self._bus.down:
            self._recovery = asyncio.create_task(self._compare())

    def _lost(self) -> None:
        for member in self._everyone():
            if member.follower.started:
                member.outbox.put(wire.delayed(member.login))

    async def _beats(self) -> None:
        while True:
            self._tell()
            await asyncio.sleep(BEAT)
            await self._compare(self.board.ctm)

    def _tell(self) -> None:
        """Report in a task of its own, as the heartbeat must not wait for Redis."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(tally.tell(len(self._everyone())))

    async def _compare(self, ctm: int | None = None) -> None:
        """Make up for announcements that were lost: ended sessions, hidden symbols, events.

        One query each for all connections here; a connection closes its own gap in the
        events. What fails is tried again at the next heartbeat.
        """
        try:
            await self._end_sessions()
            await self._hide_symbols()
            newest = await read(events.newest, list(self._members))
        except Error as error:
            log.warning("no heartbeat: %s", error)
            return
        for member in self._everyone():
            if member.login in newest:
                member.follower.beat(newest[member.login], ctm)

    async def _end_sessions(self) -> None:
        members = [member for member in self._everyone() if member.follower.started]
        users: Any = get_user_model()._default_manager
        live = await read(users.live_sessions, [m.session for m in members])
        for member in members:
            if member.session not in live:
                member.end()

    async def _hide_symbols(self) -> None:
        users: Any = get_user_model()._default_manager
        rows = users.filter(pk__in=[*self._members]).values_list("pk", HIDDEN)
        masks = await read(lambda: dict(rows))
        for member in self._everyone():
            if member.follower.started and masks.get(member.login) != member.mask:
                with suppress(BrokerError):  # the session has ended: the next heartbeat closes it
                    await member.account()
                for symbol in filter(member.hides, [*member.symbols]):
                    member.symbols.discard(symbol)
                    self.board.remove(member.outbox, symbol)

    def _everyone(self) -> list[Member]:
        return [member for members in self._members.values() for member in members]
