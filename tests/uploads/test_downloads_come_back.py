"""A downloaded table that is uploaded again gives the same contacts as the first file."""

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.verdicts import Invalid
from voisoadmin.phones import Reader
from voisoadmin.sheets import Limits, ReadChoices, open_table
from voisoadmin.sheets.formula_guard import unguarded
from voisoadmin.sheets.out import MarkedRow, write_csv
from voisoadmin.sheets.out_workbook import write_xlsx

pytestmark = [pytest.mark.once, pytest.mark.slow]

TEXT = st.text(st.sampled_from("=+-@;|,\"' xyz1\t\n＝."), max_size=12)
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT.map(lambda text: f"https://example.org/{text}")), min_size=60, max_size=80)
# Each table costs processes; shrinking a failure would cost minutes.
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate))
COLUMNS = ["Phone", "Name", "Source", "URL"]


def contacts(rows):
    checker = Checker({name.lower(): from_column(at, By.NAME) for at, name in enumerate(COLUMNS)}, Reader("GB"))
    return [
        [problem.code for problem in found.problems] if isinstance(found, Invalid) else (found.number, found.fields)
        for found in checker.check(list(enumerate(rows, start=2)))
    ]


def unlike_a_guard(text: str) -> str:
    """The text without apostrophes that a reader takes for those of an export: of two, one would be left."""
    while (without := unguarded(text)) != text:
        text = without
    return text


@given(ROWS)
@settings(QUICK, max_examples=4)
@example(
    [("x;=1+1;y", "Lee|+1", "https://example.org/?a;=1"), (";'=1", "'=1'", "https://example.org/|-"), ("=  x", "-  '1", "")]
)
def test_contacts_are_the_same_after_a_round_trip(tmp_path_factory, rows):
    table = [[f"447415{number:06}", *map(unlike_a_guard, row)] for number, row in enumerate(rows)]
    folder = tmp_path_factory.mktemp("out")
    with (folder / "rows.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        write_csv(stream, COLUMNS, table)
    write_xlsx(folder / "rows.xlsx", COLUMNS, map(MarkedRow, table))

    for name in ("rows.csv", "rows.xlsx"):
        with open_table(folder / name, ReadChoices(header_row=1), Limits()) as read:
            again = [cells for chunk in read.chunks() for _, cells in chunk]

        assert contacts(again) == contacts(table)
