"""Bytes to Voiso and back: addresses, connections, redaction."""
