"""Workbooks: XLSX and its parts."""
