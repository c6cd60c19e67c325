"""Reads a column of phone numbers, and settles from its cells what digits without + or 00 mean in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from voisoadmin.phones.bare import FEW, Evidence, Judgement, judge
from voisoadmin.phones.kinds import kinds_of, main_region
from voisoadmin.phones.phone_result import PhoneResult
from voisoadmin.phones.settled import INTERNATIONAL, Numbers, SettledReader

PhoneCell = str | tuple[str, str]
"""The text of a cell; or the text, and the country that its row says."""
LATER_CELLS = 20  # kept of each two thousand cells after the first ones


class Reader(SettledReader):
    """Reads the cells of one column.

    What digits without + or 00 mean is only certain after the last cell: `learn` decides from a sample, and `unsettled`
    reports at the end if the whole column says otherwise. Then read it again with what `unsettled` returned: the result
    depends on the whole column only.

    `suggested`: no person chose the country for this column. `answer`: what a person said about the digits without + or 00
    of this column: a country, or `international`.
    """

    def __init__(self, region: str = "", numbers: Numbers = "auto", *, suggested: bool = False, answer: str = "") -> None:
        self.default = region.upper()  # the country without the answer
        if answer and answer != INTERNATIONAL:
            region, suggested = answer, False
        if numbers == "national":
            suggested = False
        super().__init__(region, numbers, answer=answer, settled=Judgement(home=bool(region) and not suggested))
        self.suggested = suggested
        self._stated: dict[str, SettledReader] = {}  # of countries that rows of this column say
        self._learned = False

    def twin(self) -> "Reader":
        """Another reader of the same column, which has seen nothing yet."""
        twin = Reader(self.default, self.numbers, suggested=self.suggested, answer=self.answer)
        if self._learned:
            twin.settle(self.settled)
        return twin

    def answered(self, answer: str) -> "Reader":
        """A reader of the same column with this answer, which has seen the same sample."""
        reader = Reader(self.default, self.numbers, suggested=self.suggested, answer=answer)
        reader.learn(self.evidence.sample)
        return reader

    def to_json(self) -> dict[str, Any]:
        """What another process needs to read cells like this reader."""
        how = {name: getattr(self, name) for name in ("region", "numbers", "suggested", "answer")}
        return {**how, "settled": self.settled.to_json()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reader":
        reader = cls(stored["region"], stored["numbers"], suggested=stored["suggested"], answer=stored["answer"])
        reader.settle(Judgement.from_json(stored["settled"]))
        return reader

    def keep_some(self, cells: Sequence[str]) -> None:
        """Keep a sample of these cells: all of the first ones, few of the others."""
        self.evidence.sample += cells if not self.evidence.sample else cells[:: max(1, len(cells) // LATER_CELLS)]

    def learn(self, cells: Sequence[str]) -> None:
        """Decide what bare digits mean from the first cells of the column, unless that is settled."""
        if self._learned:
            return
        for cell in cells:
            self.read(cell)
        self.evidence.sample = list(cells)
        self.settle(self._judgement())
        self.evidence = Evidence()

    def settle(self, judgement: Judgement) -> None:
        super().settle(judgement)
        self._learned = True

    def unsettled(self) -> Judgement | None:
        """After the last cell: the judgement with which the column must be read again, or None."""
        if self.numbers != "auto":
            return None
        judgement = self._judgement()
        return judgement if judgement != self.settled else None

    def _judgement(self) -> Judgement:
        judgement = judge(self._home, self.evidence, suggested=self.suggested, answered=bool(self.answer))
        return replace(judgement, rounded=True) if self.evidence.is_rounded else judgement

    @property
    def reads_bare_as(self) -> Numbers:
        """How digits that are valid both ways are read; `auto` if that is left to a person."""
        if self.numbers != "auto":
            return self.numbers
        if self.answer:
            return INTERNATIONAL if self.answer == INTERNATIONAL else "national"
        if self.settled.abroad:
            return INTERNATIONAL
        return self.settled.bare or ("national" if self.takes_exact_lengths else "auto")

    @property
    def takes_exact_lengths(self) -> bool:
        """Whether bare digits were read as national numbers because of their length."""
        home, seen = self._home, self.evidence
        if home is None or not self.settled.exact or not (seen.both or seen.national):
            return False
        return kinds_of(home.plan.calling_code).has_fixed_length or not home.trunk.zero

    def certain_regions(self) -> list[str]:
        """The countries of at least a few cells with + or 00, the most frequent one first."""
        codes = [code for code, count in self.evidence.codes().most_common() if code and count >= FEW]
        return [region for code in codes if (region := main_region(code))]

    def read_cell(self, cell: PhoneCell) -> PhoneResult:
        """Read a cell whose row may say the country of its number."""
        if isinstance(cell, str):
            return self.read(cell)
        text, region = cell
        reader = self._stated.get(region)
        if reader is None:
            answer = INTERNATIONAL if self.answer == INTERNATIONAL else ""
            settled = Judgement(home=True)
            reader = SettledReader(region, self.numbers, answer=answer, settled=settled, is_stated=True)
            self._stated[region] = reader
        return reader.read(text)
