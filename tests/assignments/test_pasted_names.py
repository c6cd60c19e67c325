"""Any separators, pasted straight from a spreadsheet column."""

import pytest
from django.utils import timezone

from voisoadmin.assignments.models import Agent
from voisoadmin.assignments.typed_names import RosterIndex, match_names, split_names


def roster(connection, *listed):
    for number, text in enumerate(listed):
        known_by = {"email": text} if "@" in text else {"name": text}
        Agent.objects.create(connection=connection, voiso_id=str(number), seen_at=timezone.now(), **known_by)


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        ("a@x.com\nb@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com\r\nb@x.com\r\n\r\n", ["a@x.com", "b@x.com"]),
        ("a@x.com; b@x.com ;c@x.com", ["a@x.com", "b@x.com", "c@x.com"]),
        ("a@x.com, b@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com b@x.com", ["a@x.com", "b@x.com"]),
        ("Ada Byron\tEvening\tb@x.com", ["Ada Byron", "Evening", "b@x.com"]),
        ("Ada Byron <ada@x.com>, Bo <bo@x.com>", ["ada@x.com", "bo@x.com"]),
        ('"Ada Byron"', ["Ada Byron"]),
        ('"Byron, Ada","Okafor, Tom"', ["Byron, Ada", "Okafor, Tom"]),
        ('"Byron, Ada"\n"Okafor, Tom", bo@x.com', ["Byron, Ada", "Okafor, Tom", "bo@x.com"]),
        ('"a@x.com, b@x.com"', ["a@x.com", "b@x.com"]),
        ('Ada "Countess" Byron', ['Ada "Countess" Byron']),
        ('"Byron, Ada <ada@x.com>"', ["ada@x.com"]),
        ("mailto:ada@x.com", ["ada@x.com"]),
        ("A@x.com\na@X.com", ["A@x.com"]),
        ("  \n\t;,", []),
        ("\ufeffada@x.com\u200b", ["ada@x.com"]),
        ("- Ada Byron\n* Tom Okafor\n• Bo\n–Lena", ["Ada Byron", "Tom Okafor", "Bo", "Lena"]),
        (
            "1. Ada Byron\n2) Tom Okafor\n(3) Bo\n4: Lena\n5.Priya\na) Jo",
            ["Ada Byron", "Tom Okafor", "Bo", "Lena", "Priya", "Jo"],
        ),
        ("- [ ] Ada Byron\n- [x] 2. Tom Okafor\n> Bo", ["Ada Byron", "Tom Okafor", "Bo"]),
        ("1\tAda Byron\n2\tTom Okafor", ["Ada Byron", "Tom Okafor"]),
        ("[Ada Byron]\n(tom@x.com)\n{Bo}\n<lena@x.com>", ["Ada Byron", "tom@x.com", "Bo", "lena@x.com"]),
        ("Ada Byron (ada@x.com)\nTom Okafor [tom@x.com]\nBo bo@x.com", ["ada@x.com", "tom@x.com", "bo@x.com"]),
        ("Ada Byron <ada@x.com>, Tom Okafor, Byron, Bo <bo@x.com>", ["ada@x.com", "Tom Okafor", "bo@x.com"]),
        ("[\"Ada Byron\", \"tom@x.com\"]\n['bo@x.com', 'lena@x.com']", ["Ada Byron", "tom@x.com", "bo@x.com", "lena@x.com"]),
        ("[ada@x.com](mailto:ada@x.com)\n**Tom Okafor**\n`bo@x.com`", ["ada@x.com", "Tom Okafor", "bo@x.com"]),
        ("jo.o'brien@x.com.\n2.shift@x.com\n10. 3rd@x.com,", ["jo.o'brien@x.com", "2.shift@x.com", "3rd@x.com"]),
    ],
)
def test_each_name_is_used_once(pasted, names):
    assert split_names(pasted) == names


def test_a_comma_inside_a_name_does_not_split_it(connection):
    Agent.objects.create(connection=connection, voiso_id="1", name="Lena Fischer", email="l@x.com", seen_at=timezone.now())
    Agent.objects.create(connection=connection, voiso_id="2", name="Diaz, Ana", email="a@x.com", seen_at=timezone.now())
    known = RosterIndex.of(connection)

    assert split_names("Fischer, Lena; Diaz, Ana", known) == ["Lena Fischer", "Diaz, Ana"]


def test_what_the_roster_calls_so_is_no_numbering(connection):
    for voiso_id, name in enumerate(["1. Team lead", "Lena Fischer", "(Night)"]):
        Agent.objects.create(connection=connection, voiso_id=voiso_id, name=name, seen_at=timezone.now())
    known = RosterIndex.of(connection)

    assert split_names("1. Team lead\n2. Lena Fischer (Berlin)\n(Night)", known) == ["1. Team lead", "Lena Fischer", "(Night)"]


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("Tom Okafer", "Tom Okafor"),
        ("Tmo Okafor", "Tom Okafor"),
        ("Okafor Tom", "Tom Okafor"),
        ("Okafro, Tom", "Tom Okafor"),
        ("Jurgen Muller", "Jürgen Müller"),
        ("Juergen Mueller", "Jürgen Müller"),
        ("Soren Ostergard", "Søren Østergård"),
        ("LenaFischer", "Lena Fischer"),
        ("lena.fisher@example.com", "lena.fischer@example.com"),
        ("lena.fischer@exmaple.com", "lena.fischer@example.com"),
        ("ada.king", "ada.king@example.com"),
        ("Evning", "Evening"),
    ],
)
def test_a_near_name_is_offered(connection, typed, listed):
    roster(connection, listed, "Priya Nair", "grace.kim@example.com")

    assert [meant.nearest for meant in match_names(connection, [typed])] == [listed]


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("ada.king", "grace.kim"),
        ("ada.king@example.com", "grace.kim@example.com"),
        ("ada.king@example.com", "ada.king@other-centre.org"),
        ("ann@example.com", "ian@example.com"),
        ("Team A", "Team B"),
        ("Agent 12", "Agent 13"),
        ("agent001@example.com", "agent010@example.com"),
        ("Jan Meier", "Jon Meyer"),
        ("Evening", "Morning"),
        ("Bo", "Jo"),
        ("Anna Weber", "Anna Bauer"),
        ("...", "---"),
    ],
)
def test_a_name_that_is_not_near_is_not_offered(connection, typed, listed):
    roster(connection, listed)

    assert [meant.nearest for meant in match_names(connection, [typed])] == [""]


@pytest.mark.parametrize("spelling", ["JOSÉ NÚÑEZ", "José  Núñez", "Jose\u0301 Nu\u0301n\u0303ez"])
def test_a_name_is_found_regardless_of_case_blanks_and_composition(connection, spelling):
    agent = Agent.objects.create(connection=connection, voiso_id="1", name="José Núñez", seen_at=timezone.now())

    assert [meant.agent for meant in match_names(connection, [spelling])] == [agent]


@pytest.mark.parametrize("spelling", ["Fischer, Lena", "FISCHER,Lena", "Lena Fischer"])
def test_a_name_is_found_with_last_name_first(connection, spelling):
    agent = Agent.objects.create(connection=connection, voiso_id="1", name="Lena Fischer", seen_at=timezone.now())

    assert [meant.agent for meant in match_names(connection, [spelling])] == [agent]
