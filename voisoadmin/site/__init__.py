"""The frame of all pages, and pages of errors."""
