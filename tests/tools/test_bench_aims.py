"""The table at the end of `make bench`."""

from pathlib import Path

import pytest

from tests.tools.bench import aims


def test_a_figure_stands_beside_its_aim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(aims.VARIABLE, str(tmp_path / "figures"))
    aims.record("stops", 2500.4)
    aims.record("writes", 0.5)
    aims.record("receipt p50", 15.0)
    aims.record("scaling", 1.44)
    lines = aims.table_lines(aims.read_figures(tmp_path / "figures"))
    words = {line[:50].strip(): line[50:].split() for line in lines}
    stops = "stops of as many accounts by one tick"
    assert words[stops] == ["2,500", "/s", ">=", "2,000", "/s", "reached"]
    writes = "POST open + DELETE close beside the floor"
    assert words[writes] == ["50", "%", ">=", "55", "%", "NOT", "reached"]
    assert words["receipt to committed close at 1,000 ticks/s, p50"][-1] == "reached"
    assert words["two beside one"] == ["1.4", "x"]
    assert words["rollover of 100,000 positions"][-2:] == ["not", "measured"]
    assert lines[-1] == "2 of 21 aims are reached"


def test_no_figure_is_recorded_without_an_aim() -> None:
    with pytest.raises(KeyError):
        aims.record("unknown", 1.0)
