"""The statuses of a campaign have one table, from which the pages and the checks derive."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from voisoadmin.campaigns.statuses import AT_REST, ENDS_IN, ON_THE_WAY, RUNNING, STATUSES, TRANSITIONAL, Group, Status, in_group
from voisoadmin.sandbox import voiso_rules
from voisoadmin.voiso import Change

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "voisoadmin"
OF_VOISO = (PRODUCT / "voiso", PRODUCT / "sandbox")
ALSO_OTHER_THINGS = {Status.ACTIVE, Status.PAUSED, Status.DRAFT}  # a field of a contact, a push, sending
ONLY_STATUSES = set(Status) - ALSO_OTHER_THINGS
WRITTEN = re.compile(f"[\"'](?:{'|'.join(Status)})[\"']")  # most modules have none, and parsing them takes a second


def modules() -> Iterator[Path]:
    for path in sorted(PRODUCT.rglob("*.py")):
        if path.name != "statuses.py" and "migrations" not in path.parts and not any(home in path.parents for home in OF_VOISO):
            yield path


def words_in(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def bare_statuses(source: str) -> list[str]:
    """Lines that write a status as text: a word that means nothing else, or any word beside something named status."""
    if not WRITTEN.search(source):
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        words: set[str] = set()
        if isinstance(node, ast.Constant):
            words = words_in(node) & ONLY_STATUSES
        elif isinstance(node, ast.Compare) and "status" in ast.unparse(node):
            words = words_in(node) & set(Status)
        elif isinstance(node, ast.keyword) and (node.arg or "").startswith("status"):
            words = words_in(node.value) & set(Status)
        elif isinstance(node, ast.Match) and "status" in ast.unparse(node.subject):
            words = {word for case in node.cases for word in words_in(case.pattern)} & set(Status)
        found += [f"{getattr(node, 'lineno', 0)}: {word}" for word in sorted(words)]
    return found


@pytest.mark.parametrize(
    "line",
    [
        'if campaign.status == "active": pass',
        'Campaign.objects.filter(status="draft")',
        'Q(status__in=["paused"])',
        'is_late = campaign.status in {"paused", "draft"}',
        'ends = {"stopped": 1}',
        'match campaign.status:\n    case "paused": pass',
    ],
)
def test_the_search_for_bare_statuses_finds_each_way_of_writing_one(line):
    assert bare_statuses(line)


def test_no_module_writes_a_status_as_text():
    found = {str(path.relative_to(ROOT)): bare_statuses(path.read_text()) for path in modules()}

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_template_compares_a_status_with_text():
    words = "|".join(Status)
    compares = re.compile(rf"""status(_shown)? (==|!=|in) ["'][^"']*({words})""")
    only = re.compile(rf"""["']({"|".join(ONLY_STATUSES)})["']""")
    templates = sorted((ROOT / "templates").rglob("*.html"))

    assert [str(path) for path in templates if compares.search(path.read_text()) or only.search(path.read_text())] == []


def test_every_status_has_a_row_and_one_tab():
    assert set(STATUSES) == set(Status)
    assert sorted(status for group in Group for status in in_group(group)) == sorted(Status)


def test_transitional_statuses_are_those_of_voisos_rules():
    assert TRANSITIONAL == voiso_rules.TRANSITIONAL
    assert set(Status) - voiso_rules.TRANSITIONAL == AT_REST
    assert all(STATUSES[status].word.endswith("…") for status in TRANSITIONAL)


def test_what_an_accepted_change_leads_to():
    assert {
        Change.START: {Status.ACTIVE, Status.AUTO_PAUSED},
        Change.PAUSE: {Status.PAUSED},
        Change.STOP: {Status.STOPPED, Status.COMPLETED},
    } == ENDS_IN
    assert {
        Change.START: {Status.PROCESSING, Status.AUTO_PAUSING},
        Change.PAUSE: {Status.PAUSING},
        Change.STOP: {Status.STOPPING},
    } == ON_THE_WAY


def test_the_dialer_moves_a_running_campaign_among_three_statuses():
    assert {Status.ACTIVE, Status.AUTO_PAUSING, Status.AUTO_PAUSED} == RUNNING
