"""A person fixes the rows of a checked file: cell by cell, row by row, or all rows with a reason at once."""
