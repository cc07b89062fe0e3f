"""The unit of work: accounts are locked and read once, decided about in memory, written once."""
