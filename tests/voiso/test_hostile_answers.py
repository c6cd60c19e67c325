"""However a body is mutated, `created` holds only numbers that a valid answer named so."""

import json
import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.voiso.conftest import KEY
from voisoadmin.voiso import ContactFields, NamedNothing, NoReply, VoisoError
from voisoadmin.voiso.contact_answers import judge_contacts
from voisoadmin.voiso.http.wire import Reply
from voisoadmin.voiso.keys import Key

pytestmark = pytest.mark.slow

SENT = [f"4474001234{n:02}" for n in range(30)]
SHAPES = {
    "v4": ("created", "duplicates", "rejected"),
    "legacy": ("contacts", "duplicate_numbers", "invalid_numbers"),
}
SPELLINGS = [
    lambda number: number,
    lambda number: f"+{number}",
    lambda number: f"00{number}",
    lambda number: f"+{number[:2]} {number[2:6]} {number[6:]}",
    lambda number: f"({number[:2]}) {number[2:6]}-{number[6:]}",
    lambda number: f"{number[:2]}\u00a0{number[2:]}",
    int,
]

partitions = st.lists(st.sampled_from(["created", "duplicates", "rejected", "left out"]), min_size=30, max_size=30)


def body_of(partition: list[str], generation: str, spell: list[int]) -> dict[str, object]:
    lists: dict[str, list[object]] = {name: [] for name in SHAPES[generation]}
    for number, bucket, spelling in zip(SENT, partition, spell, strict=True):
        if bucket != "left out":
            lists[SHAPES[generation][("created", "duplicates", "rejected").index(bucket)]].append(SPELLINGS[spelling](number))
    return {"leads_import": lists} if generation == "v4" else lists


def read(body: bytes, *, status: int = 201, update: bool = False):
    """As the clients read an answer."""
    try:
        return judge_contacts(Reply(status, body), frozenset(SENT), update=update, method="POST", key=Key(KEY))
    except VoisoError:
        return None


@settings(max_examples=500, deadline=None)
@given(partitions, st.sampled_from(["v4", "legacy"]), st.lists(st.integers(0, len(SPELLINGS) - 1), min_size=30, max_size=30))
def test_every_number_is_found_in_the_list_that_named_it_however_it_is_spelt(partition, generation, spell):
    answer = read(json.dumps(body_of(partition, generation, spell)).encode())

    for bucket in ("created", "duplicates", "rejected"):
        expected = [number for number, named in zip(SENT, partition, strict=True) if named == bucket]
        assert list(getattr(answer, bucket)) == expected
    assert answer.updated == ()


def claimed(body: bytes) -> set[str]:
    """The numbers that the plainest possible reading finds in the lists of a valid answer that mean `created`."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return set()
    if not isinstance(data, dict) or data.get("success", True) in (False, 0, "false"):
        return set()
    found: list[object] = []
    left: list[object] = [data]
    while left:
        for name, value in left.pop().items():
            if isinstance(value, dict):
                left.append(value)
            elif isinstance(value, list) and re.sub("[_ -]", "", name).casefold() in {"created", "contacts", "added", "leads"}:
                found += value
    return {re.sub(r"[^0-9]", "", str(item)).removeprefix("00") for item in found}


VALID = [
    json.dumps({"leads_import": {"created": SENT[:3], "duplicates": SENT[3:5], "rejected": SENT[5:6]}}).encode(),
    json.dumps({"contacts": SENT[:3], "duplicate_numbers": SENT[3:5], "invalid_numbers": [int(SENT[5])]}).encode(),
    json.dumps({"created": SENT[:3], "success": True}).encode(),
]
JUNK = [
    b"null", b"NaN", b"true", b"{}", b"[]", b'""', b"-1", b"1e5", b"0.5", b'"\\ud800"', b"\xff", b"\x00", b'"success":false,',
    b'"created":', b'"447400123499"', b",", b"]", b"}", b"[", b"{", b'"', b"Infinity", b'"leads_import":{},', b" ",
]  # fmt: skip


@st.composite
def mutated(draw) -> bytes:
    body = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        match draw(st.sampled_from(["cut", "drop", "insert", "replace", "double", "swap"])):
            case "cut":
                del body[at:]
            case "drop":
                del body[at : at + draw(st.integers(1, 20))]
            case "insert":
                body[at:at] = draw(st.sampled_from(JUNK))
            case "replace":
                body[at : at + draw(st.integers(1, 12))] = draw(st.sampled_from(JUNK))
            case "double":
                body[at:at] = body[max(0, at - draw(st.integers(1, 40))) : at]
            case "swap":
                body[at : at + 1] = bytes([draw(st.integers(0, 255))])
    return bytes(body)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_mutated_answer_never_claims_a_number_that_it_does_not_name(body):
    answer = read(body)

    if answer is not None:
        assert set(answer.created) <= claimed(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["created", "contacts", "leads_import", "duplicates", "success", "errors", "id", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(json_values)
def test_an_answer_of_any_other_shape_never_names_unlisted_numbers(value):
    answer = read(json.dumps(value).encode())

    if answer is not None:
        digits = re.sub(r"[^0-9]", "", json.dumps(value))
        assert all(number in digits for number in answer.created)


@pytest.mark.parametrize("body", VALID)
def test_the_answers_before_mutation_are_valid(body):
    assert read(body).created == tuple(SENT[:3])


NEVER_AN_ANSWER = [
    b"[]",
    b"null",
    b"true",
    b"3",
    b'"447400123400"',
    b"{}",
    b'{"leads_import":null}',
    b'{"leads_import":[]}',
    b'{"leads_import":{}}',
    b'{"created":null}',
    b'{"created":3}',
    b'{"created":"447400123400"}',
    b'{"created":{"447400123400":false}}',
    b'{"created":[["447400123400"]]}',
    b'{"created":[null]}',
    b'{"created":[true]}',
    b'{"created":[447400123400.0]}',
    b'{"created":[-447400123400]}',
    b'{"created":["call 447400123400"]}',
    b'{"created":["447400123400x2"]}',
    b'{"created":[""]}',
    b'{"created":["+"]}',
    '{"created":["٤٤٧٤٠٠١٢٣٤٠٠"]}'.encode(),
    b'{"created":["447400123400"],"rejected":7}',
    b'{"leads_import":{"created":[]},"created":["447400123400"]}',
    b'[{"phone_number":"447400123400"}]',
    b'{"request":{"contacts":["447400123400"]}}',
    b'{"results":[{"phone_number":"447400123400","status":"created"}]}',
    b'{"status":"ok"}',
]


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize("body", NEVER_AN_ANSWER)
def test_an_answer_without_proper_lists_is_not_an_answer(voiso, generation, body):
    client = voiso(httpx.Response(201, content=body), generation)

    try:
        answer = client.add_contacts("4711", [ContactFields(number="447400123400")])
    except NoReply:
        return
    assert (answer.created, answer.updated, answer.duplicates, answer.rejected) == ((), (), (), ())


@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_an_answer_without_content_proves_nothing(voiso, generation):
    client = voiso(httpx.Response(204), generation)

    with pytest.raises(NamedNothing):
        client.add_contacts("4711", [ContactFields(number="447400123400")])
    with pytest.raises(NamedNothing):
        client.update_contacts("4711", [ContactFields(number="447400123400", values={"active": True})])


def test_a_number_named_twice_is_passed_on_twice_for_the_engine_to_see():
    answer = read(b'{"created":["447400123400","+447400123400"],"rejected":["447400123400"]}')

    assert answer.created == ("447400123400",)
    assert answer.rejected == ("447400123400",)
