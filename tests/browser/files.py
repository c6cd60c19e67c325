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


def fixable_file(folder: Path) -> Path:
    """33 rows, nearly all without a country code, from row 2 on.

    Rows 24 to 28 need a fix for all rows of their reason, rows 32 to 34 an edit each; the rest is repaired automatically.
    """
    path = folder / "messy.csv"
    good = [f"07400 {300100 + n},Person {n}" for n in range(22)]
    fixed_by_reason = [
        "07400 300201 / 07400 300202,Two numbers",
        "07400 300203 / 07400 300204,Two again",
        "07400 300205 ext 12,An extension",
        "07400 300206 ext 7,Another extension",
        "07400 300207 (Zoe?),Letters",
    ]
    repaired = ["7400300208,A lost zero", "7400300209,Another lost zero", "p:07400 300210,A mark"]
    edited = ["447,Short", "07400 30,Short too", "n/a,No number"]
    lines = [*good, *fixed_by_reason, *repaired, *edited]
    path.write_text("\n".join(["Phone,Name", *lines, ""]), encoding="utf-8")
    return path
