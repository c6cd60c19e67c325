"""What a check has counted: what became of the rows, why, and what waits for the answer of a person."""

from collections import Counter

from voisoadmin.contacts.bare_digits import OPEN_CODES


class Tally:
    """It keeps all numbers seen: about 105 MB for a million."""

    def __init__(self) -> None:
        self.rows = self.invalid = self.duplicates = self.suppressed = self.left_out = 0
        self.reasons = Counter[str]()  # first problem's code, or same_number_in_file, to rows
        self.warnings = Counter[str]()  # code to rows
        self.first_rows: dict[int, int] = {}  # number that is sent -> its first row
        self.waiting: dict[str, set[int]] = {}  # question -> numbers that only its answer keeps back
        self.waiting_cells: set[str] = set()  # phone cells that only the country of their numbers keeps back

    @property
    def ready(self) -> int:
        return len(self.first_rows)

    @property
    def without_country(self) -> int:
        return sum(self.reasons[code] for code in OPEN_CODES)

    def wait(self, question: str, number: int) -> None:
        self.waiting.setdefault(question, set()).add(number)

    def more_with(self, question: str) -> int:
        """How many more numbers would be ready with an answer that sends them."""
        return sum(number not in self.first_rows for number in self.waiting.get(question, ()))
