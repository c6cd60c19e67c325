"""The process that reads a file, apart from ours, and its protocol."""
