"""Files of real ticks, read as a stream: sample zips of OANDA and FXCM, and plain CSV.

Zip: `<broker>-<symbol>-<yyyymmdd>.zip` with one CSV `milliseconds since midnight,bid,ask`.

CSV: `time,symbol,bid,ask`, with or without that header; time as unix seconds, unix
milliseconds or ISO 8601, UTC where it names no zone.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.clock import HOUR_MS, LAST_TIME
from core.numbers import read_float

ZIP_NAME = re.compile(r"(?i)(?P<broker>[a-z]+)-(?P<symbol>[a-z0-9.]+)-(?P<day>[0-9]{8})\.zip")
MIDNIGHT_HOURS = {"oanda": 0, "fxcm": 5}  # UTC hour of the broker's midnight
HEADER = ["time", "symbol", "bid", "ask"]
FIRST_MILLISECONDS = 1e11  # a number from here on is in milliseconds, below it in seconds

FileTick = tuple[int, str, float, float]  # time in unix ms, symbol, bid, ask


class BadTickFile(Exception):
    """The file cannot be played; the message names it, and the line where one is wrong."""


def read_ticks(path: Path) -> Iterator[FileTick]:
    """Yield the quotes of one file in its order.

    Raises:
        BadTickFile: missing, of no known format, or broken at some line.
    """
    zipped = path.suffix.lower() == ".zip"
    parse = _sample_parser(path) if zipped else _parse_csv_line
    number = 0
    try:
        with _open_zipped_lines(path) if zipped else path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                fields = [field.strip() for field in line.split(",")]
                if fields == [""] or (number == 1 and _is_header(fields)):
                    continue
                yield parse(fields)
    except OSError as error:
        raise BadTickFile(f"{path}: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise BadTickFile(f"{path}: line {number + 1}: {error}") from None
    except (ValueError, OverflowError) as error:
        raise BadTickFile(f"{path}: line {number}: {error}") from None


def _sample_parser(path: Path) -> Callable[[list[str]], FileTick]:
    """Return the parser for the lines of a sample zip, which its file name decides.

    Raises:
        BadTickFile: the name has no known broker or no date.
    """
    match = ZIP_NAME.fullmatch(path.name)
    if match is None or match["broker"].lower() not in MIDNIGHT_HOURS:
        known = " or ".join(sorted(MIDNIGHT_HOURS))
        raise BadTickFile(f"{path}: a zip must be named <broker>-<symbol>-<yyyymmdd>.zip, {known}")
    try:
        day = datetime.strptime(match["day"], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadTickFile(f"{path}: {match['day']} is no day") from None
    midnight = int(day.timestamp() * 1000) + MIDNIGHT_HOURS[match["broker"].lower()] * HOUR_MS
    symbol = match["symbol"].upper()

    def parse(fields: list[str]) -> FileTick:
        if len(fields) != 3:
            raise ValueError("must be milliseconds,bid,ask")
        since, bid, ask = (read_float(field) for field in fields)
        return _check_time(midnight + int(since)), symbol, bid, ask

    return parse


def _parse_csv_line(fields: list[str]) -> FileTick:
    """Parse the fields of a CSV line; raise ValueError where they are wrong."""
    if len(fields) != len(HEADER):
        raise ValueError(f"must be {','.join(HEADER)}")
    bid, ask = (read_float(field) for field in fields[2:])
    return _parse_time(fields[0]), fields[1].upper(), bid, ask


def _is_header(fields: list[str]) -> bool:
    """Return True if the fields are the CSV's header."""
    return [field.lower() for field in fields] == HEADER


def _parse_time(text: str) -> int:
    """Return the unix milliseconds of a time in any of the three forms."""
    try:
        number = read_float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _check_time(round(zoned.timestamp() * 1000))
    return _check_time(int(number) if number >= FIRST_MILLISECONDS else round(number * 1000))


def _check_time(milliseconds: int) -> int:
    """Return the time unchanged; raise ValueError outside the years 1970 to 3000."""
    if not 0 < milliseconds <= LAST_TIME * 1000:
        raise ValueError(f"time {milliseconds} ms is not between the years 1970 and 3000")
    return milliseconds


@contextmanager
def _open_zipped_lines(path: Path) -> Iterator[Iterable[str]]:
    """Open the only file in the zip; raise BadZipFile if it holds another number of files."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(names) != 1:
            raise zipfile.BadZipFile(f"must hold one CSV, holds {len(names)} files")
        with archive.open(names[0]) as member:
            yield io.TextIOWrapper(member, encoding="utf-8")
