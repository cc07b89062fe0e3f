"""`run_feed replay`: tick files are published, by a process of its own."""

from pathlib import Path

import pytest

from market.feed.adapters.replay import ReplayAdapter
from market.feed.intake import Intake
from market.models import Candle, LastQuote
from tests import factories
from tests.market.feed.feed_helpers import feed_process, published_ticks, unsaved_symbol
from tests.market.feed.test_tick_files import MAY_1, csv, sample

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_files_are_merged_in_time_and_crossed_quotes_counted(tmp_path: Path) -> None:
    factories.symbol("EURUSD")
    factories.symbol("GBPUSD")
    zipped = sample(
        tmp_path / "oanda-eurusd-20140501.zip", "0,1.1,1.2", "500,1.3,1.2", "900,1.15,1.2"
    )
    plain = csv(tmp_path / "x.csv", "1398902400.4,GBPUSD,1.5,1.6", "1398902400.5,NOPE,1,2")
    with feed_process("replay", str(plain), str(zipped), "--speed", "0") as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "3 accepted, refused: CROSSED 1, UNKNOWN_SYMBOL 1;" in out
    seen = [(tick.symbol, tick.bid, tick.time - MAY_1) for tick in published_ticks()]
    assert seen == [("EURUSD", 1.1, 0), ("GBPUSD", 1.5, 400), ("EURUSD", 1.15, 900)]
    assert Candle.objects.filter(symbol="EURUSD").count() == 3
    assert LastQuote.objects.get(symbol="EURUSD").time == MAY_1 + 900


def test_replaying_a_file_again_is_accepted_and_counts_candles_once(tmp_path: Path) -> None:
    factories.symbol("EURUSD")
    path = csv(tmp_path / "x.csv", "1398902400,EURUSD,1.1,1.2", "1398902401,EURUSD,1.1,1.2")
    for _ in range(2):
        with feed_process("replay", str(path), "--speed", "0") as process:
            out, _err = process.communicate(timeout=30)
        assert "2 accepted, refused: none" in out
    assert set(Candle.objects.values_list("volume", flat=True)) == {2}


def test_a_malformed_line_ends_the_replay_with_one_clear_error(tmp_path: Path) -> None:
    factories.symbol("EURUSD")
    path = csv(tmp_path / "x.csv", "1398902400,EURUSD,1.1,1.2", "1398902401,EURUSD,x,1.2")
    with feed_process("replay", str(path), "--speed", "0") as process:
        _out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.splitlines()[-1].startswith(f"CommandError: {path}: line 2: ")
    assert "Traceback" not in err
    assert len(published_ticks()) == 1


def test_feed_replay_without_files_is_a_clear_error() -> None:
    with feed_process(FEED="replay", FEED_FILES="") as process:
        _out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.strip() == "CommandError: replay: no files (name them, or set FEED_FILES)"


def test_a_speed_replays_that_many_times_faster(tmp_path: Path) -> None:
    path = csv(tmp_path / "x.csv", *(f"{MAY_1 + i * 1000},EURUSD,1.1,1.2" for i in range(100)))
    clock = [1000.0]
    replay, intake = ReplayAdapter([str(path)], 10), Intake([unsaved_symbol("EURUSD")])
    replay.clock = lambda: clock[0]
    replay.start([], {})
    counts = []
    for seconds in (0.0, 0.35, 1.0, 100.0):
        clock[0] = 1000.0 + seconds
        replay.play_due(intake)
        counts.append(intake.waiting)
    assert counts == [1, 4, 11, 100]
