"""The formatters of log lines: JSON in production, plain text in development.

In both nothing that was sent by somebody can begin a line, and no secret is in it. Neither
fails: a line that cannot be written is replaced by one that says where it was logged.
"""

import json
import logging
from abc import ABC, abstractmethod
from datetime import UTC, datetime

import orjson

from observe.context import current_context
from observe.redaction import redact_secrets

# What a terminal or a reader of logs may take for the end of a line, or for a command.
CONTROLS = {
    code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029) if code != 9
} | {ord("\n"): "\\n", ord("\r"): "\\r"}


def message_of(record: logging.LogRecord) -> str:
    """Return the record's message without secrets."""
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):  # else `logging` would print the arguments unredacted
        text = f"{record.msg} (with arguments that do not fit)"
    if hasattr(record, "access"):  # redacted already, and logged a thousand times a second
        return text
    return redact_secrets(text)


def context_fields() -> dict[str, object]:
    """Return the request id and the login of what is being worked on."""
    context = current_context()
    if context is None:
        return {}
    login = context.login
    return {"request_id": context.request_id, **({"login": login} if login else {})}


def is_refusal(record: logging.LogRecord) -> bool:
    """Return whether Django has refused a request: the client's fault, and no bug."""
    return str(record.name).startswith("django.security.")


def level_of(record: logging.LogRecord) -> str:
    """Return the record's level; what any stranger can cause is no error of ours."""
    return "WARNING" if is_refusal(record) else record.levelname


class SafeFormatter(logging.Formatter, ABC):
    """Never raises: else `logging` would print tracebacks and the arguments as they were sent."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or where it was logged if it cannot be written."""
        try:
            return self.format_line(
                level_of(record), record, message_of(record), self.exception_text(record)
            )
        except Exception as error:  # noqa: BLE001 - whatever an argument's own text raises
            message = f"a line of {record.pathname}:{record.lineno} failed: {type(error).__name__}"
            return self.format_line(record.levelname, record, message, "")

    @abstractmethod
    def format_line(
        self, level: str, record: logging.LogRecord, message: str, exception: str
    ) -> str:
        """Return the line of this style."""

    def exception_text(self, record: logging.LogRecord) -> str:
        """Return the traceback without secrets; empty where there is none that helps."""
        if not record.exc_info or is_refusal(record):
            return ""
        return redact_secrets(self.formatException(record.exc_info))


class LineFormatter(SafeFormatter):
    """`LEVEL logger: message [request id, login]`; the lines of an exception are indented."""

    def format_line(
        self, level: str, record: logging.LogRecord, message: str, exception: str
    ) -> str:
        """Return the line, and those of the exception."""
        fields = ", ".join(map(str, context_fields().values()))
        end = f" [{fields}]" if fields else ""
        line = f"{level} {record.name}: {message.translate(CONTROLS)}{end}"
        lines = (f"  {part.translate(CONTROLS)}" for part in exception.splitlines())
        return "\n".join([line, *lines])


class JSONFormatter(SafeFormatter):
    """One JSON object: time, level, logger, message, request id, login, an access line's own."""

    def format_line(
        self, level: str, record: logging.LogRecord, message: str, exception: str
    ) -> str:
        """Return the line as JSON."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": time.replace("+00:00", "Z"),
            "level": level,
            "logger": record.name,
            "message": message,
            **context_fields(),
            **getattr(record, "access", {}),
        }
        if exception:
            line["exception"] = exception
        return _encode(line).translate(CONTROLS)


def _encode(line: dict[str, object]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:  # half a surrogate pair is no UTF-8, and yet may come in a path
        return json.dumps(line, default=str)
