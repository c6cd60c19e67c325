"""The question which of several columns is to be called, with what each of them would make ready."""

from collections.abc import Iterable, Sequence

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.column_choices import values_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.contacts.mapping import ColumnMapping
from voisoadmin.contacts.questions import Answer, Question
from voisoadmin.contacts.verdicts import Row
from voisoadmin.phones import Numbers, Reader

MOST_ANSWERS = 5  # each is counted over the whole file


def ask_for_phone(
    mapping: ColumnMapping,
    columns: Sequence[str],
    chunks: Iterable[Sequence[Row]],
    *,
    region: str,
    numbers: Numbers,
    lowest_priority: int = 0,
) -> tuple[Question, ...]:
    """The question as the rows answer it; none if no column could be the phone. Takes all the rows."""
    values = dict(list(values_of(columns, mapping.candidates).items())[:MOST_ANSWERS])
    checkers = [
        Checker(
            {**mapping.fields, PHONE: from_column(at, By.CHOICE)},
            Reader(region, numbers),
            lowest_priority=lowest_priority,
            country=mapping.country,
        )
        for at in values.values()
    ]
    rows = 0
    for chunk in chunks:
        rows += len(chunk)
        for checker in checkers:
            checker.check(chunk)
    if not values:
        return ()
    answers = tuple(
        Answer(value, columns[at] if value == columns[at].strip() else f"{columns[at]} (column {value})", checker.ready)
        for (value, at), checker in zip(values.items(), checkers, strict=True)
    )
    return (Question(mapping.code, "", rows, mapping.problem, answers),)
