"""Spreadsheets that the browser tests upload."""

from pathlib import Path


def clean_file(folder: Path, rows: int = 30) -> Path:
    """Good rows only, numbered from +44 7400 300000."""
    path = folder / "clean.csv"
    lines = [f"+447400{300000 + n},Person {n},web" for n in range(rows)]
    path.write_text("\n".join(["Phone,Name,Source", *lines, ""]), encoding="utf-8")
    return path


def mixed_file(folder: Path) -> Path:
    """Five rows: two good ones, one repeated, one without a number, one damaged by Excel, with names that try to be
    markup."""
    path = folder / "leads <b>november.csv"
    path.write_text(
        "Telefon;Name;Kampagne\n"
        "+44 7400 300001;<img src=x onerror=alert(1)>;=cmd|'/C calc'!A0\n"
        "+44 7400 300002;Zoë Müller;web\n"
        "0044 7400 300001;Zoë again;web\n"
        "n/a;Nemo;web\n"
        "4,474E+11;Shortened;web\n",
        encoding="utf-8",
    )
    return path
