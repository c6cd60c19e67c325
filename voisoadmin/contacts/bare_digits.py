"""The question whose numbers those without a country code are, with what each answer makes ready."""

from collections.abc import Collection, Mapping, Sequence

from voisoadmin.contacts.questions import COUNTRY, LEAVE_OUT, SENTENCES, Answer, Note, Question
from voisoadmin.phones import INTERNATIONAL, Numbers, Reader
from voisoadmin.phones.countries import countries
from voisoadmin.phones.guessing import best_first
from voisoadmin.phones.spelling import spell

OPEN_CODES = frozenset({"no_country", "ambiguous_number"})
"""Why a number without a country code isn't sent, if only a person can say whose it is."""
MOST_ANSWERS = 3
MOST_JUDGED = 1000  # cells from which the best answers are found
LABELS = {INTERNATIONAL: "They begin with a country code", LEAVE_OUT: "Leave them out"}


def reader_of(region: str, numbers: Numbers, answers: Mapping[str, str], *, suggested: bool) -> Reader:
    """`suggested`: no person chose the country for this file."""
    answer = answers.get(COUNTRY, "")
    return Reader(region, numbers, suggested=suggested, answer="" if answer == LEAVE_OUT else answer)


def ask_for_country(
    reader: Reader, cells: Collection[str], *, column: str, waiting: int, ready: Collection[int], chosen: str
) -> list[Question]:
    """After the last row. `cells`: of the rows that wait, each once; `ready`: the numbers that are sent anyway."""
    if reader.numbers != "auto":
        return []
    if chosen and chosen != LEAVE_OUT:
        return _answered(reader, column, len(ready), chosen)
    found = [(value, _numbers_of(reader, value, cells)) for value in _best(reader, list(cells))]
    more = {value: sum(number not in ready for number in numbers) for value, numbers in found if numbers}
    if not any(more.values()) and not (chosen and waiting):
        return []
    # A country whose numbers are all in the file already may be the right one.
    answers = [Answer(value, _label(value), len(ready) + count) for value, count in more.items()]
    sentence = _sentence(waiting, chosen or answers[0].value)
    answers.append(Answer(LEAVE_OUT, _label(LEAVE_OUT), len(ready)))
    return [Question(COUNTRY, column, waiting, sentence, tuple(answers), chosen)]


def _answered(reader: Reader, column: str, ready: int, chosen: str) -> list[Question]:
    """The question with the other answers, which a person may choose instead."""
    count = reader.evidence.without_code
    if not count:
        return []
    best = _best(reader, [cell for cell in reader.evidence.sample if _is_bare(cell)])
    values = dict.fromkeys([*best, chosen, LEAVE_OUT])
    answers = tuple(Answer(value, _label(value), ready if value == chosen else None) for value in values)
    return [Question(COUNTRY, column, count, _sentence(count, chosen), answers, chosen)]


def notes_on(reader: Reader, waiting: int) -> list[Note]:
    """How numbers without a country code were read where no person was asked. `waiting`: the ones that wait for a person."""
    count = reader.evidence.without_code - waiting
    if count < 1 or reader.answer or reader.numbers != "auto":
        return []
    if reader.settled.abroad:
        return [Note("read_as_international", count, f"{_numbers(count, 'no +')}, but can only begin with a country code.")]
    if reader.settled.home and not reader.settled.misfit and (reader.suggested or reader.takes_exact_lengths):
        sentence = f"{_numbers(count, 'no country code')}. Read as {_name(reader.region)} numbers."
        return [Note("read_as_national", count, sentence)]
    return []


def _best(reader: Reader, cells: Sequence[str]) -> list[str]:
    digits = [spell(cell).digits for cell in cells[:: max(1, len(cells) // MOST_JUDGED)]]
    home = reader.default
    liked = [*([home] if home else []), *reader.certain_regions()]
    best = [region or INTERNATIONAL for region in best_first([one for one in digits if one], liked)]
    first = [home] if home in best and not reader.settled.misfit else []
    return list(dict.fromkeys([*first, *best]))[:MOST_ANSWERS]


def _is_bare(cell: str) -> bool:
    spelled = spell(cell)
    return bool(spelled.digits) and not spelled.plus and not spelled.digits.startswith("00")


def _numbers_of(reader: Reader, value: str, cells: Collection[str]) -> set[int]:
    read = reader.answered(value).number_of
    return {int(number) for cell in cells if (number := read(cell))}


def _numbers(count: int, what: str) -> str:
    return f"{count:,} number{' has' if count == 1 else 's have'} {what}"


def _sentence(count: int, value: str) -> str:
    if value == LEAVE_OUT:
        question = "What country are they from?"
    elif value == INTERNATIONAL:
        question = "Do they begin with one, without the +?"
    elif count == 1:
        question = f"Is it {'an' if _name(value)[:1] in 'AEIO' else 'a'} {_name(value)} number?"
    else:
        question = f"Are they {_name(value)} numbers?"
    return SENTENCES[COUNTRY].format(numbers=_numbers(count, "no country code"), question=question)


def _name(region: str) -> str:
    return countries().get(region, "").rpartition(" +")[0]


def _label(value: str) -> str:
    return LABELS.get(value) or countries().get(value, value)
