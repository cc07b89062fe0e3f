"""How a line of the log is written: JSON in production, plain text in development.

In both nothing that was sent by somebody can begin a line, and no secret is in it.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from observe.redaction import redacted
from observe.trace import current

# What a terminal or a reader of logs may take for the end of a line, or for a command.
CONTROLS = {
    code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029) if code != 9
} | {ord("\n"): "\\n", ord("\r"): "\\r"}


def message_of(record: logging.LogRecord) -> str:
    """What it says, without secrets."""
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):  # else `logging` would print the arguments as sent
        text = f"{record.msg} (with arguments that do not fit)"
    if hasattr(record, "access"):  # made of what is safe already, a thousand times a second
        return text
    return redacted(text)


def context() -> dict[str, Any]:
    """The request id and the login of what is being worked on."""
    trace = current()
    if trace is None:
        return {}
    login = trace.login
    return {"request_id": trace.request_id, **({"login": login} if login else {})}


class LineFormatter(logging.Formatter):
    """`LEVEL logger: message [request id, login]`; what follows an exception is set in."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and those of the exception."""
        told = ", ".join(map(str, context().values()))
        end = f" [{told}]" if told else ""
        line = f"{record.levelname} {record.name}: {message_of(record).translate(CONTROLS)}{end}"
        if record.exc_info:
            text = redacted(self.formatException(record.exc_info))
            lines = (f"  {part.translate(CONTROLS)}" for part in text.splitlines())
            line = "\n".join([line, *lines])
        return line


class JSONFormatter(logging.Formatter):
    """One JSON object: time, level, logger, message, request id, login, an access line's own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            **context(),
            **getattr(record, "access", {}),
        }
        if record.exc_info:
            line["exception"] = redacted(self.formatException(record.exc_info))
        return _encoded(line).translate(CONTROLS)


def _encoded(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:  # half a surrogate pair is no UTF-8, and yet may come in a path
        return json.dumps(line, default=str)
