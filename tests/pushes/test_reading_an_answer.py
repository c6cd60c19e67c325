"""Whatever an answer names, and in whatever spelling, each row gets one reason, and never a wrong one."""

import json
import random

from tests.pushes.support import numbers
from voisoadmin.contacts.reasons import BY_CODE, MOVED
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.outcomes.answer_reading import MAX_FOLLOW_UPS, read_answer
from voisoadmin.voiso.contact_answers import judge_contacts
from voisoadmin.voiso.http.wire import Reply
from voisoadmin.voiso.keys import Key

CASES = 10_000
LISTS = ("created", "updated", "duplicates", "rejected")
SAID = {
    ("add", "created"): "added",
    ("add", "rejected"): "refused_by_voiso",
    ("update", "created"): "inserted_by_update",
    ("update", "updated"): "updated",
    ("update", "duplicates"): "in_campaign",
    ("update", "rejected"): "refused_update",
}


def spelt(number: str, chance: random.Random) -> object:
    """As Voiso may return it."""
    return chance.choice(
        [number, f"+{number}", f"00{number}", f"{number[:2]} {number[2:]}", f"+{number[:2]} ({number[2:]})", int(number)]
    )


def test_every_partition_of_an_answer_is_read_correctly():
    pool = numbers(40)
    for seed in range(CASES):
        chance = random.Random(seed)
        kind = chance.choice(["add", "update"])
        given = chance.sample(pool, chance.randint(1, 12))
        lists = [name for name in LISTS if kind == "update" or name != "updated"]
        where = {number: chance.choice([*lists, ""]) for number in given}
        answer: dict[str, list[object]] = {name: [] for name in lists}
        for number, name in where.items():
            if name:
                answer[name].append(spelt(number, chance))
        trouble = chance.random() < 0.2
        if trouble:
            # A number that wasn't sent, or one that is in a second list.
            named = [number for number, name in where.items() if name]
            if named and chance.random() < 0.5:
                twice = chance.choice(named)
                answer[chance.choice([name for name in lists if name != where[twice]])].append(spelt(twice, chance))
            else:
                answer[chance.choice(lists)].append(spelt("33612345678", chance))
        was_uncertain, follow_ups = chance.random() < 0.5, chance.randint(0, MAX_FOLLOW_UPS)
        known = frozenset(chance.sample(given, chance.randint(0, len(given))))

        reply = Reply(200, json.dumps(answer).encode())

        reading = read_answer(
            given,
            judge_contacts(reply, frozenset(given), update=kind == "update", method="", key=Key("secret")),
            Push.Kind(kind),
            doubtful=frozenset(given) - known if was_uncertain else frozenset(),
            follow_ups=follow_ups,
        )

        if trouble:
            assert reading.contradiction, seed
            assert reading.codes == [], seed
            continue
        expected = []
        for number in given:
            match where[number]:
                case "":
                    expected.append("moved" if follow_ups < MAX_FOLLOW_UPS else "not_named")
                case "duplicates" if kind == "add":
                    expected.append("interrupted_call" if was_uncertain and number not in known else "in_campaign")
                case name:
                    expected.append(SAID[kind, name])
        assert reading.codes == [BY_CODE[code].byte for code in expected], seed
        assert reading.follow_up == [place for place, code in enumerate(reading.codes) if code == MOVED], seed
