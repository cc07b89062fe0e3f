"""The formats of tick files; all of these are made here."""

import zipfile
from pathlib import Path

import pytest

from market.feed.adapters.replay import ReplayAdapter
from market.feed.adapters.tick_files import BadTickFile, read_ticks

MAY_1 = 1_398_902_400_000  # 2014-05-01 00:00 UTC
HOUR = 3_600_000


def sample(path: Path, *lines: str, members: int = 1) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(members):
            archive.writestr(f"{number}.csv", "\n".join(lines) + "\n")
    return path


def csv(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_zip_of_oanda_counts_from_midnight_utc_and_has_fractions(tmp_path: Path) -> None:
    path = sample(tmp_path / "oanda-xauusd-20140501.zip", "46.9,1284.065,1284.405", "50,1284,1285")
    assert list(read_ticks(path)) == [
        (MAY_1 + 46, "XAUUSD", 1284.065, 1284.405),
        (MAY_1 + 50, "XAUUSD", 1284.0, 1285.0),
    ]


def test_a_zip_of_fxcm_counts_from_midnight_five_hours_west(tmp_path: Path) -> None:
    path = sample(tmp_path / "fxcm-eurusd-20140501.zip", "1000,1.38,1.39")
    assert list(read_ticks(path)) == [(MAY_1 + 5 * HOUR + 1000, "EURUSD", 1.38, 1.39)]


@pytest.mark.parametrize(
    "time",
    [
        "1398902400.25",
        "1398902400250",
        "2014-05-01T00:00:00.250Z",
        "2014-05-01 00:00:00.250",
        "2014-05-01T02:00:00.250+02:00",
    ],
)
@pytest.mark.parametrize("header", [[], ["Time,Symbol,Bid,Ask"]])
def test_a_csv_takes_times_in_three_forms_with_and_without_header(
    tmp_path: Path, time: str, header: list[str]
) -> None:
    path = csv(tmp_path / "x.csv", *header, f"{time},eurusd, 1.1,1.2", "")
    assert list(read_ticks(path)) == [(MAY_1 + 250, "EURUSD", 1.1, 1.2)]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("1,EURUSD,1.1", "line 2: must be time,symbol,bid,ask"),
        ("1,EURUSD,one,1.2", "line 2: 'one' is not a number"),
        ("1,EURUSD,1_1,1.2", "line 2: '1_1' is not a number"),
        ("1,EURUSD,1.1,nan", "line 2: 'nan' is not a number"),
        ("1,EURUSD,1.1,\uff11.2", "line 2: '\uff11.2' is not a number"),
        ("1_0,EURUSD,1.1,1.2", "line 2: Invalid isoformat"),
        ("yesterday,EURUSD,1.1,1.2", "line 2: Invalid isoformat"),
        ("inf,EURUSD,1.1,1.2", "line 2: Invalid isoformat"),
        ("time,symbol,bid,ask", "line 2"),
        ("32503680000001,EURUSD,1.1,1.2", "line 2: time 32503680000001 ms is not"),
        ("9999-12-31T23:59:59,EURUSD,1.1,1.2", "line 2: time 253402300799000 ms is not"),
        ("-1,EURUSD,1.1,1.2", "line 2: time -1000 ms is not"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, bad: str, says: str) -> None:
    path = csv(tmp_path / "x.csv", "1,EURUSD,1.1,1.2", bad)
    with pytest.raises(BadTickFile, match=f"x.csv: {says}"):
        list(read_ticks(path))


def test_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    torn = tmp_path / "oanda-eurusd-20140501.zip"
    torn.write_bytes(b"PK no zip")
    binary = tmp_path / "x.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    cases = {
        tmp_path / "none.csv": "none.csv: No such file",
        tmp_path / "none-eurusd-20140501.zip": "must be named",
        tmp_path / "oanda-eurusd-20149901.zip": "20149901 is no day",
        tmp_path / "oanda-eurusd-20140501-minute-bars.zip": "must be named",
        tmp_path / "oanda-eurusd-\u0662014050\u0661.zip": "must be named",
        torn: "not a zip",
        binary: "decode",
        sample(tmp_path / "oanda-eurusd-20140502.zip", "1,1,2", members=2): "must hold one CSV",
        sample(tmp_path / "oanda-eurusd-20140503.zip", "1,2"): "line 1: must be milliseconds",
    }
    for path, says in cases.items():
        with pytest.raises(BadTickFile, match=says):
            ReplayAdapter([str(path)], 0)
    with pytest.raises(BadTickFile, match="FEED_FILES"):
        ReplayAdapter([], 0)
