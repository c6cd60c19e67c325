"""A rule's sentence: what it says in words, what keeps it from being a rule, and that its JSON says the same."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voisoadmin.rules.sentence import NotASentence
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.rules.sentence_words import as_text

pytestmark = pytest.mark.once

WEEKDAYS = [0, 1, 2, 3, 4]
HOURS = {"weekdays": WEEKDAYS, "from": "09:00", "to": "18:00"}
STARTS = {"hours": HOURS, "zone": "Europe/Berlin"}


def time_line(at: str, then: str, weekdays=WEEKDAYS) -> dict:
    return {"weekdays": weekdays, "at": at, "then": then}


def times(*lines: dict) -> dict:
    return {"kind": "times", "lines": list(lines)}


DAY = {"any": [times(time_line("09:00", "start"), time_line("17:00", "pause"))], "then": "start", **STARTS}
QUOTA = {"any": [{"kind": "accepted", "since": "today", "at_least": 500}], "then": "pause", "zone": "Europe/Berlin"}
AGENTS = {"kind": "agents", "which": "waiting", "of": "assigned", "at_least": 3, "minutes": 2}
FULL = {"all": [AGENTS], "while": ["paused", "draft"], "then": "start", "at_most_once": "hour", **STARTS}


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (DAY, "At 09:00, Mon to Fri, start Spring; at 17:00 pause it (Berlin time)."),
        (QUOTA, "When 500 contacts were accepted today, pause Spring (Berlin time)."),
        (
            FULL,
            "When at least 3 assigned agents are waiting for the Dialer for 2 min, start Spring, at most once an hour, "
            "while it is paused or draft; starts only 09:00 to 18:00, Mon to Fri (Berlin time).",
        ),
        (
            {"all": [times(time_line("10:00", "start", [5])), AGENTS], "then": "start", "zone": "Asia/Kathmandu"}
            | {"hours": {"weekdays": [5, 6], "from": "09:00", "to": "18:00"}},
            "At 10:00, Sat, if at least 3 assigned agents are waiting for the Dialer for 2 min, start Spring; "
            "starts only 09:00 to 18:00, Sat, Sun (Kathmandu time).",
        ),
        (
            {
                "any": [{"kind": "waiting_contacts", "fewer_than": 1}],
                "then": "notify",
                "zone": "UTC",
                "at_most_once": "each_time",
            },
            "When fewer than 1 contact wait here, notify me about Spring, each time it becomes true (UTC time).",
        ),
    ],
)
def test_a_rule_is_read_as_a_sentence(sentence, words):
    assert as_text(from_json(sentence), "Spring") == words


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"hours": None}, "hours", "Choose the days and hours"),
        ({"hours": HOURS | {"weekdays": []}}, "hours", "Choose the days and hours"),
        ({"hours": HOURS | {"from": "18:00"}}, "hours", "must end later"),
        ({"zone": ""}, "zone", "needs one that you chose"),
        ({"zone": "Europe/Atlantis"}, "zone", "from the list"),
        ({"zone": "../../etc/passwd"}, "zone", "from the list"),
        ({"days_off": "ZZ"}, "days_off", "aren't known"),
        ({"window": 0}, "window", "Enter 1 to 720 minutes"),
        ({"any": []}, "lines", "Add a time or a condition"),
        ({"any": [times(time_line("08:59", "start"))]}, "line-0", "outside the hours 09:00 to 18:00"),
        ({"any": [times(time_line("18:00", "start"))]}, "line-0", "outside the hours"),
        ({"any": [times(time_line("10:00", "start", [6]))]}, "line-0", "days aren't among"),
        ({"any": [times(time_line("10:00", "start", []))]}, "line-0", "Choose at least one day"),
        ({"any": [times(time_line("10:00", "start"))] * 21}, "lines", "at most 20 lines"),
        ({"while": ["paused"]}, "states", "a campaign can't pause"),
        ({"while": ["pausing"]}, "states", "Choose among"),
        ({"any": None, "all": [times(time_line("10:00", "pause")), AGENTS]}, "line-0", "can only start"),
        ({"any": [AGENTS | {"at_least": 0}]}, "line-0", "Enter 1 to 10,000 agents"),
        ({"any": [{"kind": "auto_pause", "minutes": 0}]}, "line-0", "Enter 1 to 1440 minutes"),
    ],
)
def test_what_keeps_a_sentence_from_being_a_rule_is_said_at_its_place(changes, place, words):
    with pytest.raises(NotASentence) as refused:
        from_json(DAY | changes)
    assert [problem.place for problem in refused.value.problems if words in problem.text] == [place]


def test_a_rule_that_only_pauses_needs_no_hours():
    assert not from_json(QUOTA).starts


def test_a_start_outside_other_days_hours_is_no_start_of_this_rule():
    """A pause may come after the hours: they are for starts."""
    late = DAY | {"any": [times(time_line("09:00", "start"), time_line("22:00", "pause", [6]))]}
    assert len(from_json(late).lines) == 2


@pytest.mark.parametrize("sentence", [DAY, QUOTA, FULL])
def test_a_sentence_survives_being_stored(sentence):
    once = from_json(sentence)
    assert from_json(json.loads(json.dumps(once.as_json()))) == once


texts = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["times", "agents", "accepted"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["any", "all", "kind", "lines", "at", "then", "weekdays", "hours", "from", "to", "zone", "of", "while"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(texts, st.builds(lambda changes: DAY | changes, st.dictionaries(st.sampled_from(list(FULL)), texts))))
def test_no_stored_text_makes_more_than_a_refusal(data):
    try:
        sentence = from_json(data)
    except NotASentence:
        return
    assert from_json(sentence.as_json()) == sentence
