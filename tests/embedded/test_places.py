from pathlib import Path

import pytest

from embedded.errors import CannotStart
from embedded.places import LONGEST_FOLDER, Places


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    return tmp_path / ("a-long-name-" * 8)


def test_sockets_lie_in_local_dir_when_its_path_is_short() -> None:
    places = Places.of(Path("/srv/broker"), ".local")
    assert places.root == Path("/srv/broker/.local")
    assert places.sockets == places.root / "sockets"


def test_an_absolute_local_dir_is_taken_as_it_is(tmp_path: Path) -> None:
    assert Places.of(Path("/srv/broker"), str(tmp_path)).root == tmp_path.resolve()


def test_a_long_path_gets_a_short_link_to_the_sockets(deep: Path) -> None:
    places = Places.of(deep, ".local")
    places.make()
    assert len(str(places.sockets)) <= LONGEST_FOLDER
    assert places.sockets.resolve() == places.root / "sockets"
    places.sockets.unlink()


def test_two_long_paths_get_two_links(deep: Path) -> None:
    assert Places.of(deep, "one").sockets != Places.of(deep, "two").sockets


def test_folders_can_be_made_twice(deep: Path) -> None:
    places = Places.of(deep, ".local")
    places.make()
    places.make()
    assert places.sockets.is_dir()
    places.sockets.unlink()


def test_nobody_else_may_look_into_the_folders(tmp_path: Path) -> None:
    places = Places.of(tmp_path, ".local")
    places.make()
    for folder in (places.sockets, places.postgres, places.redis, places.logs):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_file_where_the_folder_should_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CannotStart, match=r"LOCAL_DIR cannot be used: .*taken"):
        Places.of(tmp_path, "taken").make()


def test_somebody_elses_file_in_place_of_the_link_is_one_clear_line(deep: Path) -> None:
    places = Places.of(deep, ".local")
    places.sockets.write_text("")
    with pytest.raises(CannotStart, match="LOCAL_DIR cannot be used"):
        places.make()
    places.sockets.unlink()
