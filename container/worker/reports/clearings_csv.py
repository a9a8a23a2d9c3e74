"""The clearings of a run as CSV (RFC 4180), for spreadsheets and databases."""

import csv
import io
from collections.abc import Iterable

from worker.reports.clearings import COLUMNS, Clearing, Value

CSV = "text/csv; charset=utf-8; header=present"
# A spreadsheet takes a text that begins with one of these for a formula.
# Source: OWASP, "CSV Injection"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def clearings_csv(clearings: Iterable[Clearing]) -> bytes:
    """Return a line for each clearing, after a line with the names of the columns."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for clearing in clearings:
        writer.writerow([_cell(clearing.columns[column]) for column in COLUMNS])
    return buffer.getvalue().encode()


def _cell(value: Value) -> Value:
    """Return a value as it is, or a text that a spreadsheet would execute with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
