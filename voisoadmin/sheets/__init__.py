"""Spreadsheets in and out. Files are read in a limited child process, never in this one."""

from voisoadmin.sheets.facts import Limits, ReadChoices, RowMarks, SheetFacts, SheetName, Unreadable
from voisoadmin.sheets.reader.table import Table, open_table

__all__ = ["Limits", "ReadChoices", "RowMarks", "SheetFacts", "SheetName", "Table", "Unreadable", "open_table"]
