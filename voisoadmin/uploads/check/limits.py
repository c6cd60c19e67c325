from django.conf import settings

from voisoadmin.sheets import Limits
from voisoadmin.sheets.facts import MIB


def limits() -> Limits:
    """The size limits of files in this installation."""
    return Limits(
        max_rows=settings.MAX_ROWS,
        max_columns=settings.MAX_COLUMNS,
        max_csv_bytes=settings.MAX_CSV_MIB * MIB,
        max_workbook_bytes=settings.MAX_WORKBOOK_MIB * MIB,
    )
