"""Any separators, pasted straight from a spreadsheet column."""

import pytest
from django.utils import timezone

from voisoadmin.assignments.models import Agent
from voisoadmin.assignments.typed_names import RosterIndex, match_names, split_names


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
    ],
)
def test_each_name_is_used_once(pasted, names):
    assert split_names(pasted) == names


def test_a_comma_inside_a_name_does_not_split_it(connection):
    Agent.objects.create(connection=connection, voiso_id="1", name="Lena Fischer", email="l@x.com", seen_at=timezone.now())
    Agent.objects.create(connection=connection, voiso_id="2", name="Diaz, Ana", email="a@x.com", seen_at=timezone.now())
    known = RosterIndex.of(connection)

    assert split_names("Fischer, Lena; Diaz, Ana", known) == ["Lena Fischer", "Diaz, Ana"]


@pytest.mark.parametrize("spelling", ["JOSÉ NÚÑEZ", "José  Núñez", "Jose\u0301 Nu\u0301n\u0303ez"])
def test_a_name_is_found_regardless_of_case_blanks_and_composition(connection, spelling):
    agent = Agent.objects.create(connection=connection, voiso_id="1", name="José Núñez", seen_at=timezone.now())

    assert [meant.agent for meant in match_names(connection, [spelling])] == [agent]


@pytest.mark.parametrize("spelling", ["Fischer, Lena", "FISCHER,Lena", "Lena Fischer"])
def test_a_name_is_found_with_last_name_first(connection, spelling):
    agent = Agent.objects.create(connection=connection, voiso_id="1", name="Lena Fischer", seen_at=timezone.now())

    assert [meant.agent for meant in match_names(connection, [spelling])] == [agent]
