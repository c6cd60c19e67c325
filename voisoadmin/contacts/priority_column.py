"""A column of priorities in words: offered, not used, because most programs mean something else by them than the dialler."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from voisoadmin.contacts.priority_words import priority_of_word
from voisoadmin.contacts.questions import OFFERS, PRIORITY_WORDS, SENTENCES, Answer, Question

UNUSED, USE = OFFERS[PRIORITY_WORDS]
MOSTLY = 0.5  # share of the filled cells that must be known words
SHOWN_WORDS = 4
LONGEST_SHOWN = 20


class WordColumn(NamedTuple):
    column: int
    words: tuple[str, ...]  # the most frequent ones
    filled: int


def find_words(sample: Sequence[Sequence[str]], taken: Collection[int], scores: Sequence[int]) -> WordColumn | None:
    """The first column with a name for priorities whose cells rank contacts in words. One that ranks all alike says nothing."""
    for at, score in enumerate(scores):
        if not score or at in taken:
            continue
        words = Counter(text for cells in sample if at < len(cells) and (text := cells[at].strip()))
        ranks = [(priority_of_word(word), count) for word, count in words.items()]
        known = sum(count for rank, count in ranks if rank is not None)
        if len({rank for rank, _ in ranks if rank is not None}) > 1 and known >= MOSTLY * words.total():
            return WordColumn(at, tuple(word for word, _ in words.most_common(SHOWN_WORDS)), words.total())
    return None


def offer_of_words(found: WordColumn, name: str, wanted: str) -> Question:
    ranks = sorted((rank, word[:LONGEST_SHOWN]) for word in found.words if (rank := priority_of_word(word)) is not None)
    shown = ", ".join(f"{word} = {rank}" for rank, word in ranks)
    sentence = SENTENCES[PRIORITY_WORDS].format(column=name, words=shown)
    answers = tuple(Answer(value, label, None) for value, label in OFFERS[PRIORITY_WORDS].items())
    return Question(PRIORITY_WORDS, name, found.filled, sentence, answers, wanted or UNUSED, is_offer=True)
