"""A file arrives: receiving, choosing the campaign, keeping and removing the file."""
