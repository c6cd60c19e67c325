"""The question whether lines within one pair of quotation marks are rows: a lost mark may have joined two contacts."""

from voisoadmin.contacts.questions import ANSWERS, LINES_IN_QUOTES, SENTENCES, Answer, Question
from voisoadmin.sheets import SheetFacts


def ask_for_lines(facts: SheetFacts, rows: int, ready: int, chosen: str) -> list[Question]:
    """`rows`, `ready`: as the file was read, with the answer if there is one."""
    records, lines = facts.lines_in_quotes
    if not records:
        return []
    more = lines - records
    counts = {"together": rows - more, "apart": rows} if chosen == "apart" else {"together": rows, "apart": rows + more}
    in_force = chosen or "together"
    answers = tuple(
        Answer(value, f"{label} ({counts[value]:,} rows)", ready if value == in_force else None)
        for value, label in ANSWERS[LINES_IN_QUOTES].items()
    )
    sentence = SENTENCES[LINES_IN_QUOTES].format(
        records="1 row consists" if records == 1 else f"{records:,} rows consist",
        **{name: f"{count:,}" for name, count in counts.items()},
    )
    return [Question(LINES_IN_QUOTES, "", lines, sentence, answers, chosen)]
