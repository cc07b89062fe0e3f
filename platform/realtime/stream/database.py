"""The stream's reads of PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

# asgiref's single thread would make every read wait behind a slow one.
_threads = ThreadPoolExecutor(4, "stream-database")
Given = ParamSpec("Given")
Read = TypeVar("Read")


async def run_query(
    query: Callable[Given, Read], *args: Given.args, **kwargs: Given.kwargs
) -> Read:
    """Return the query's result, computed in one of a few threads."""
    call = database_sync_to_async(query, thread_sensitive=False, executor=_threads)
    found: Read = await call(*args, **kwargs)
    return found
