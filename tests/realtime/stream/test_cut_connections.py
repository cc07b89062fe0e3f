"""Connections cut at random moments: no event is missed and none arrives twice."""

import random
import socket
from threading import Thread

from django.db import connection
from websockets.exceptions import ConnectionClosed

from accounts.models import Account
from tests.realtime.conftest import Connect, append_events
from tests.realtime.stream_client import StreamClient

EVENTS, CUTS = 1000, 25


def keep_writing(login: int, chance: random.Random) -> None:
    """Append EVENTS events in transactions of one to five."""
    written = 0
    while written < EVENTS:
        some = min(chance.randint(1, 5), EVENTS - written)
        append_events(login, *range(written + 1, written + some + 1))
        written += some
    connection.close()


def cut(client: StreamClient) -> None:
    """Cut the connection; the client still reads a part of what was under way, or nothing."""
    client.socket.socket.shutdown(socket.SHUT_RDWR)


def test_1000_events_arrive_once_over_connections_cut_at_random(
    client: Connect, alice: Account
) -> None:
    chance = random.Random(6)
    writer = Thread(target=keep_writing, args=(alice.login, random.Random(7)))
    writer.start()
    received: list[int] = []
    ends = sorted(chance.sample(range(1, EVENTS), CUTS))
    while len(received) < EVENTS:
        stream = client(alice)
        stream.send({"event": "resume", "since": len(received)})
        until = next((end for end in ends if end > len(received)), EVENTS)
        try:
            while len(received) < until:
                frame = stream.receive()
                if "seq" in frame and "event" in frame and isinstance(frame["event"], list):
                    assert frame["event"][1] == str(frame["seq"])
                    received.append(frame["seq"])
            cut(stream)
            while True:  # what had arrived before the cut counts as well
                frame = stream.receive()
                if isinstance(frame, dict) and isinstance(frame.get("event"), list):
                    received.append(frame["seq"])
        except ConnectionClosed:
            continue
    writer.join()
    assert received == list(range(1, EVENTS + 1))
