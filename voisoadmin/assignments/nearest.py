"""The name of a roster that is most like one that isn't in it, if any is near."""

import re
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from voisoadmin.lib.letters import plain_letters

LIKE_ENOUGH = 0.8  # at most one letter in five is another, missing, too many, or has changed places with the next
WORDS_LIKE_ENOUGH = 0.6  # and of each word two in five: `Team A` is not `Team B`
LONGEST = 80  # characters that are compared
CANDIDATES = 20

_WORDS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\D+")


class Nearest:
    """Typed names and names of a roster, compared without case, accents and the order of their words."""

    def __init__(self, spellings: Iterable[str]) -> None:
        self.spellings = list(spellings)
        self.keys = [_key(spelling.partition("@")[0]) for spelling in self.spellings]
        self.sorted_keys = [_sorted(key) for key in self.keys]

    def __len__(self) -> int:
        return len(self.spellings)

    def of(self, name: str) -> str:
        """The nearest spelling; an empty text if none is near."""
        local, _, domain = name.partition("@")
        key = _key(local)
        best, best_rank = "", (0.0, False)
        for wanted, keys in ((key, self.keys), (_sorted(key), self.sorted_keys)):
            near = process.extract(
                wanted, keys, scorer=OSA.normalized_similarity, score_cutoff=LIKE_ENOUGH, limit=CANDIDATES, processor=None
            )
            for found, score, at in near:
                rank = score, ("@" in self.spellings[at]) == bool(domain)  # rather a name for a name
                if rank > best_rank and _is_near(wanted, found) and _same_domain(domain, self.spellings[at]):
                    best, best_rank = self.spellings[at], rank
        return best


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(plain_letters(text[:LONGEST])))


def _sorted(key: str) -> str:
    return " ".join(sorted(key.split()))


def _is_near(one: str, other: str) -> bool:
    if not one or _DIGITS.sub(" ", one).split() != _DIGITS.sub(" ", other).split():
        return False  # agent 12 is not agent 13
    words, others = one.split(), other.split()
    if len(words) != len(others):
        return True
    return all(OSA.normalized_similarity(*pair) >= WORDS_LIKE_ENOUGH for pair in zip(words, others, strict=True))


def _same_domain(domain: str, spelling: str) -> bool:
    theirs = spelling.partition("@")[2]
    if not domain:
        return True
    return bool(theirs) and OSA.normalized_similarity(domain.casefold(), theirs.casefold()) >= LIKE_ENOUGH
