"""Django's backend for SQLite, which creates the database file for its owner only."""
