"""Frames from the client: a JSON object each, and the bare text `ping`."""

from contextlib import suppress

from core import json
from core.errors import Invalid
from core.numbers import BIGGEST, read_integer

LARGEST = 64 * 1024  # bytes
ClientFrame = dict[str, object]


class InvalidFrame(Invalid):
    """A frame that is not understood; ten of them end the connection."""

    default = "the frame is not valid"


def parse_frame(text: str | None) -> ClientFrame:
    """Return the JSON object of a text frame; None stands for a binary frame.

    Raises:
        InvalidFrame: binary, larger than 64 KiB, no JSON object, or one with a name twice.
    """
    if text is None:
        raise InvalidFrame("binary frames are not understood")
    if len(text) > LARGEST or len(text.encode()) > LARGEST:
        raise InvalidFrame("the frame is larger than 64 KiB")
    try:
        frame = json.loads_untrusted(text)
    except json.RepeatedName as error:
        raise InvalidFrame(f"the frame: {error}") from None
    except ValueError:
        raise InvalidFrame("the frame is not JSON") from None
    if not isinstance(frame, dict):
        raise InvalidFrame("the frame is not a JSON object")
    return frame


def parse_integer(value: object, name: str) -> int:
    """Return a whole number from 0 to the largest of a bigint column; it may be in a string.

    Raises:
        InvalidFrame: it is none.
    """
    if isinstance(value, str):
        with suppress(ValueError):
            value = read_integer(value)
    if type(value) is not int or not 0 <= value <= BIGGEST:
        raise InvalidFrame(f"{name}: must be a whole number")
    return value


def symbol_names(frame: ClientFrame) -> list[str]:
    """Return the symbol names in `data`, each once.

    Raises:
        InvalidFrame: `data` is no list of strings.
    """
    data = frame.get("data")
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise InvalidFrame("data: must be a list of symbol names")
    return list(dict.fromkeys(data))
