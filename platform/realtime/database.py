"""The stream's reads of PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async

# asgiref's own one thread would put everybody behind whoever waits for the database.
_threads = ThreadPoolExecutor(4, "stream-database")
Given = ParamSpec("Given")
Read = TypeVar("Read")


async def read(query: Callable[Given, Read], *args: Given.args, **kwargs: Given.kwargs) -> Read:
    """What the query answers, from one of a few threads."""
    call: Any = database_sync_to_async(query, thread_sensitive=False, executor=_threads)
    found: Read = await call(*args, **kwargs)
    return found
