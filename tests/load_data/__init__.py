"""A development database of a big broker's size: `python -m tests.load_data`."""
