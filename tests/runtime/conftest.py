from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.paths import LocalPaths


@pytest.fixture
def places(tmp_path: Path) -> Iterator[LocalPaths]:
    places = LocalPaths.resolve(tmp_path, "local")
    yield places
    if places.sockets.is_symlink():
        places.sockets.unlink()
