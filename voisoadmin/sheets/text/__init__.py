"""Text tables: encoding, delimiter, quotes, records."""
