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
    if chosen:
        count = waiting if chosen == LEAVE_OUT else reader.evidence.without_code
        answer = Answer(chosen, _label(chosen), len(ready))
        return [Question(COUNTRY, column, count, _sentence(count, chosen), (answer,), chosen)] if count else []
    found = [(value, _made_ready(reader, value, cells, ready)) for value in _best(reader, list(cells))]
    answers = [Answer(value, _label(value), len(ready) + more) for value, more in found if more]
    if not answers:
        return []
    sentence = _sentence(waiting, answers[0].value)
    return [Question(COUNTRY, column, waiting, sentence, (*answers, Answer(LEAVE_OUT, _label(LEAVE_OUT), len(ready))))]


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
    liked = [*([reader.region] if reader.region else []), *reader.certain_regions()]
    best = [region or INTERNATIONAL for region in best_first([one for one in digits if one], liked)]
    first = [reader.region] if reader.region in best and not reader.settled.misfit else []
    return list(dict.fromkeys([*first, *best]))[:MOST_ANSWERS]


def _made_ready(reader: Reader, value: str, cells: Collection[str], ready: Collection[int]) -> int:
    read = reader.answered(value).number_of
    numbers = {int(number) for cell in cells if (number := read(cell))}
    return sum(number not in ready for number in numbers) if ready else len(numbers)


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
