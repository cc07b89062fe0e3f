"""Checks before a start, and of whether it has succeeded."""

import http.client
import socket

import psycopg
import redis
from django.conf import settings
from django.db import connection

from core import redis as own_redis
from runtime.errors import CannotStart

HOST = "127.0.0.1"


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotStart(f"PORT={port} cannot be used: {error.strerror}") from None


def require_database() -> None:
    """Connect to the database of DATABASE_URL, without the pool, which would retry for long.

    Raises:
        CannotStart: it does not answer.
    """
    try:
        psycopg.connect(**connection.get_connection_params()).close()
    except psycopg.Error as error:
        reason = str(error).partition("\n")[0]
        raise CannotStart(f"the database of DATABASE_URL does not answer: {reason}") from None


def require_redis() -> None:
    try:
        own_redis.sync_client().ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotStart(f"the Redis of REDIS_URL does not answer: {error}") from None


def is_web_ready() -> bool:
    """Return whether the web process answers /healthz."""
    client = http.client.HTTPConnection(HOST, settings.PORT, timeout=2)
    try:
        client.request("GET", "/healthz")
        return client.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def is_process_ready(name: str) -> bool:
    """Return whether the process has reported that it is alive."""
    try:
        return own_redis.is_alive(name)
    except redis.RedisError:
        return False
