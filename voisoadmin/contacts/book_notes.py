"""What a person should know about a workbook: other sheets with the same columns, and columns that are hidden."""

from collections.abc import Sequence

from voisoadmin.contacts.questions import SENTENCES, WHICH_SHEET, Answer, Note, Question
from voisoadmin.sheets import SheetFacts

MOST_NAMED = 5


def notes_on_book(facts: SheetFacts) -> list[Note]:
    notes = []
    if facts.other_sheets:
        verb = "sheet has" if len(facts.other_sheets) == 1 else "sheets have"
        sentence = (
            f"Only the sheet “{facts.sheet}” is read. {len(facts.other_sheets)} other {verb} the same columns: {_named(facts)}."
        )
        notes.append(Note("other_sheets", len(facts.other_sheets), sentence))
    hidden = [facts.columns[at] for at in facts.hidden_columns if at < len(facts.columns)]
    if hidden:
        names = _listed([f"“{name}”" for name in hidden])
        columns, they_are = ("Column", "It's") if len(hidden) == 1 else ("Columns", "They're")
        are = "is" if len(hidden) == 1 else "are"
        sentence = f"{columns} {names} {are} hidden in the workbook. {they_are} read like the others."
        notes.append(Note("hidden_columns", len(hidden), sentence))
    return notes


def sheets_to_choose(facts: SheetFacts, rows: int, ready: int) -> list[Question]:
    """An offer to read another sheet. `rows`, `ready`: of the one that was read."""
    if not facts.other_sheets or facts.sheet is None:
        return []
    one = len(facts.other_sheets) == 1
    others = f"{len(facts.other_sheets)} other sheet{' has' if one else 's have'}"
    counts = {sheet.name: sheet.rows for sheet in facts.other_sheets}
    answers = (
        Answer(facts.sheet, _with_rows(facts.sheet, rows), ready),
        *(Answer(name, _with_rows(name, count), None) for name, count in counts.items()),
    )
    count = sum(count or 0 for count in counts.values())
    sentence = SENTENCES[WHICH_SHEET].format(others=others, sheet=facts.sheet)
    return [Question(WHICH_SHEET, "", count, sentence, answers, facts.sheet, is_offer=True)]


def _named(facts: SheetFacts) -> str:
    return _listed([f"“{sheet.name}”{_rows(sheet.rows)}" for sheet in facts.other_sheets])


def _with_rows(name: str, rows: int | None) -> str:
    return f"{name}{_rows(rows)}"


def _rows(count: int | None) -> str:
    return "" if count is None else f" ({count:,} row{'' if count == 1 else 's'})"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
