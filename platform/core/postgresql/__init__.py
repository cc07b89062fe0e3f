"""The database backend: Django's, with a pool that outlives a restart of PostgreSQL."""
