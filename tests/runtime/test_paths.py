from pathlib import Path

import pytest

from runtime.errors import CannotStart
from runtime.paths import MAX_SOCKET_FOLDER, LocalPaths


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    return tmp_path / ("a-long-name-" * 8)


def test_sockets_lie_in_local_dir_when_its_path_is_short() -> None:
    places = LocalPaths.resolve(Path("/srv/broker"), ".local")
    assert places.root == Path("/srv/broker/.local")
    assert places.sockets == places.root / "sockets"


def test_an_absolute_local_dir_is_used_unchanged(tmp_path: Path) -> None:
    assert LocalPaths.resolve(Path("/srv/broker"), str(tmp_path)).root == tmp_path.resolve()


def test_a_long_path_gets_a_short_link_to_the_sockets(deep: Path) -> None:
    places = LocalPaths.resolve(deep, ".local")
    places.create_folders()
    assert len(str(places.sockets)) <= MAX_SOCKET_FOLDER
    assert places.sockets.resolve() == places.root / "sockets"
    places.sockets.unlink()


def test_two_long_paths_get_two_links(deep: Path) -> None:
    assert LocalPaths.resolve(deep, "one").sockets != LocalPaths.resolve(deep, "two").sockets


def test_creating_the_folders_twice_is_no_error(deep: Path) -> None:
    places = LocalPaths.resolve(deep, ".local")
    places.create_folders()
    places.create_folders()
    assert places.sockets.is_dir()
    places.sockets.unlink()


def test_the_folders_are_private_to_their_owner(tmp_path: Path) -> None:
    places = LocalPaths.resolve(tmp_path, ".local")
    places.create_folders()
    for folder in (places.sockets, places.postgres, places.redis, places.logs):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_file_in_place_of_the_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CannotStart, match=r"LOCAL_DIR cannot be used: .*taken"):
        LocalPaths.resolve(tmp_path, "taken").create_folders()


def test_a_foreign_file_in_place_of_the_link_is_a_clear_error(deep: Path) -> None:
    places = LocalPaths.resolve(deep, ".local")
    places.sockets.write_text("")
    with pytest.raises(CannotStart, match="LOCAL_DIR cannot be used"):
        places.create_folders()
    places.sockets.unlink()
