"""What Voiso's words for the status of an agent mean, as far as they are documented: docs/voiso-api.md, section 4.8."""

import re
from collections import Counter
from collections.abc import Iterable

from voisoadmin.campaigns.models import AgentPresence
from voisoadmin.voiso import Capabilities

Group = AgentPresence.Group

# The legacy API lists these words. Of v4's only the beginning of one is documented, "av": the others are read as what they
# say in plain English.
GROUPS = {
    "available": Group.AVAILABLE,
    "idle": Group.IDLE,
    "outbound": Group.ON_CALL,
    "inbound": Group.ON_CALL,
    "logout": Group.OUT,
    "logged out": Group.OUT,
    "offline": Group.OUT,
}
WAITING = "dialer waiting"  # only the legacy API can say so: v4's word is a general status


def group_of(word: str, capabilities: Capabilities) -> Group:
    """The meaning of a word; OTHER where it isn't known, because each contact centre has its own codes."""
    plain = re.sub(r"[\s_-]+", " ", word).strip().casefold()
    if plain == WAITING and capabilities.says_who_waits:
        return Group.WAITING
    return GROUPS.get(plain, Group.OTHER) if plain else Group.UNKNOWN


def breakdown(labels: Iterable[str]) -> list[tuple[str, int]]:
    """How many agents have each status: those whose meaning is known first, then the most frequent."""
    counts = Counter(labels)
    known = [(label, counts.pop(label)) for group in Group if (label := str(group.label).lower()) in counts]
    return known + counts.most_common()
