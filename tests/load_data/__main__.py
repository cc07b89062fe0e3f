"""Load data into the database of the settings: `python -m tests.load_data [--accounts N] …`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent.parent
    sys.path.insert(0, str(root / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()

    from tests.load_data.command import Command  # needs loaded apps

    Command().run_from_argv(["python -m", "tests.load_data", *sys.argv[1:]])
