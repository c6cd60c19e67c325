"""An optional cell never costs the contact: it is repaired in sight, or left out with a warning; a person may say otherwise."""

import pytest
from django.core.management import CommandError

from tests.support.inspecting import inspect_text

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture
def inspect(tmp_path):
    """Inspect a text; return its record and the rows with their verdicts."""

    def run(text, *answers, options=()):
        return inspect_text(tmp_path, text, *answers, options=options)

    return run


def column(rows, name):
    return [row[name] for row in rows]


def table(header, *cells):
    return "\n".join([f"Name;E164;{header}", *(f"Zoë;+4474155500{at + 10};{cell}" for at, cell in enumerate(cells))]) + "\n"


LINKS = table("Website", "https://a.example/1", "b.example/x", "www.c.example", "javascript:alert(1)", "no site", "")


@pytest.mark.parametrize(
    "header",
    ["Website", "Web Page", "URL", "Company domain link", "Webseite", "Site web", "Sitio web", "Сайт", "网址", "ウェブサイト"],
)
def test_a_web_address_without_https_gets_it_and_others_are_left_out(inspect, header):
    record, rows = inspect(LINKS.replace("Website", header))

    assert record["ready"] == 6
    assert column(rows, "url") == ["https://a.example/1", "https://b.example/x", "https://www.c.example", "", "", ""]
    assert column(rows, "warnings") == ["", "url_scheme_added", "url_scheme_added", "url_not_web", "url_malformed", ""]
    assert record["warnings"] == {"url_scheme_added": 2, "url_not_web": 1, "url_malformed": 1}
    assert record["questions"] == []


def test_rows_whose_cell_cant_be_used_are_left_out_by_one_answer(inspect):
    record, _ = inspect(LINKS)
    offer = next(one for one in record["offers"] if one["code"] == "optional_field:url")
    assert (offer["count"], offer["chosen"]) == (2, "omit")
    assert offer["answers"] == [{"value": "omit", "ready": 6}, {"value": "leave_out", "ready": 4}]
    assert offer["sentence"] == "2 rows have a URL that can't be used. Send without it?"

    record, rows = inspect(LINKS, "optional_field:url=leave_out")

    assert record["ready"] == 4
    assert record["buckets"]["not_sent"] == 2
    assert record["reasons"] == {"optional_field": 2}
    assert [(row["bucket"], row["reason"]) for row in rows[3:5]] == [("not_sent", "optional_field")] * 2


def test_a_later_row_of_the_same_number_is_sent_where_the_first_is_left_out(inspect):
    text = "E164;URL\n+447415550010;no site\n+447415550010;https://a.example\n+447415550011;no site\n"
    record, _ = inspect(text)
    offer = next(one for one in record["offers"] if one["code"] == "optional_field:url")
    assert offer["answers"][1] == {"value": "leave_out", "ready": 1}

    _, rows = inspect(text, "optional_field:url=leave_out")

    assert column(rows, "bucket") == ["not_sent", "ready", "not_sent"]


@pytest.mark.parametrize(
    ("text", "repair", "before", "field", "repaired", "warning"),
    [
        (LINKS, "url_scheme_added", 2, "url", "https://b.example/x", "url_without_scheme"),
        (table("Prio", "1", "High", "2"), "priority_word", 1, "priority", "2", "priority_not_whole"),
        (table("Source", "a", "b" * 256), "source_cut", 1, "source", "b" * 255, "source_too_long"),
        (table("Source", "a", "b\x0ec"), "source_cleaned", 1, "source", "bc", "source_control_character"),
    ],
)
def test_a_repair_is_taken_back_by_an_answer(inspect, text, repair, before, field, repaired, warning):
    record, rows = inspect(text)
    assert (rows[1][field], rows[1]["warnings"]) == (repaired, repair)
    offer = next(one for one in record["offers"] if one["code"] == f"put_back:{repair}")
    assert (offer["count"], offer["chosen"]) == (before, "no")

    record, rows = inspect(text, f"put_back:{repair}=yes")

    assert (rows[1]["bucket"], rows[1][field]) == ("ready", "")
    assert rows[1]["warnings"] == warning
    offer = next(one for one in record["offers"] if one["code"] == f"put_back:{repair}")
    assert offer["chosen"] == "yes"


@pytest.mark.parametrize(
    ("cell", "repair", "reason"),
    [("p:+447415550010", "mark_removed", "letters"), ("+44\u200b7415550010", "characters_replaced", "unexpected_character")],
)
def test_a_repaired_phone_is_put_back_too_and_keeps_its_row_out(inspect, cell, repair, reason):
    record, rows = inspect(f"Phone\n{cell}\n+447415550011\n")
    assert column(rows, "warnings") == [repair, ""]
    (offer,) = record["offers"]
    assert offer["code"] == f"put_back:{repair}"

    record, rows = inspect(f"Phone\n{cell}\n+447415550011\n", f"put_back:{repair}=yes")

    assert [(row["bucket"], row["reason"]) for row in rows] == [("invalid", reason), ("ready", "")]


def test_an_unknown_repair_or_field_is_bad_usage(inspect):
    for answer in ("put_back:url_not_web=yes", "put_back:url_scheme_added=perhaps", "optional_field:phone=omit"):
        with pytest.raises(CommandError) as refused:
            inspect(LINKS, answer)
        assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Priority", ["High", "Medium", "Low"]),
        ("Priorität", ["Hoch", "Mittel", "Niedrig"]),
        ("Priorité", ["Haute", "Normale", "Basse"]),
        ("Prioridad", ["Alta", "Media", "Baja"]),
        ("Priorytet", ["Wysoki", "Normalny", "Niski"]),
        ("Приоритет", ["Высокий", "Средний", "Низкий"]),
        ("优先级", ["高", "中", "低"]),
        ("Prio", ["★★★", "★★", "★"]),
        ("Priority", ["P1", "P2", "P4"]),
        ("Prio", ["1 - urgent", "2 - high", "3 - normal"]),
    ],
)
def test_a_column_of_priorities_in_words_is_used_by_one_answer_only(inspect, header, cells):
    record, rows = inspect(table(header, *cells))

    assert record["ready"] == 3
    assert "priority" not in record["mapping"]
    assert column(rows, "priority") == ["", "", ""]
    assert f"“{header}” holds no numbers, so it isn't used as Priority." in [note["sentence"] for note in record["notes"]]
    (offer,) = record["offers"]
    assert (offer["code"], offer["chosen"]) == ("priority_words", "unused")

    record, rows = inspect(table(header, *cells), "priority_words=use")

    assert record["mapping"]["priority"] == header
    ranks = [int(rank) for rank in column(rows, "priority")]
    assert ranks == sorted(set(ranks))
    assert record["warnings"] == {"priority_word": 3}


@pytest.mark.parametrize("cells", [["Normal"] * 3, ["Open", "New", "Won"], ["0.5", "-1", "12000"]])
def test_a_column_that_ranks_no_one_is_neither_used_nor_offered(inspect, cells):
    record, _ = inspect(table("Priority;Sensitivity", *(f"{cell};Normal" for cell in cells)))

    assert record["ready"] == 3
    assert "priority" not in record["mapping"]
    assert record["offers"] == []


def test_words_among_numbers_are_read_in_sight(inspect):
    record, rows = inspect(table("Priority", "5", "High", "soon", "7000"))

    assert record["mapping"]["priority"] == "Priority"
    assert column(rows, "priority") == ["5", "2", "", ""]
    assert column(rows, "warnings") == ["", "priority_word", "priority_not_whole", "priority_out_of_range"]


def test_a_column_named_link_that_holds_no_address_is_not_used(inspect):
    record, _ = inspect(table("Link", "see CRM", "none yet", "see CRM"))

    assert record["ready"] == 3
    assert "url" not in record["mapping"]
    assert [note["code"] for note in record["notes"]] == ["url_column_unused"]


def test_a_column_chosen_by_hand_keeps_its_words_as_priorities(inspect):
    record, rows = inspect(table("Rang", "hoch", "niedrig"), options=["--map", "priority=Rang"])

    assert column(rows, "priority") == ["2", "4"]
    assert record["warnings"] == {"priority_word": 2}
