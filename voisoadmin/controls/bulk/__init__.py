"""Start, pause or stop of many campaigns at once."""
