"""The stylesheets: no rule that nothing uses, and one declaration a line."""

import re
from functools import cache

import pytest

from tests.support.installation import ROOT

STYLES = sorted((ROOT / "static").glob("*.css"))
NAMED_BY_OTHERS = {"htmx-request", "note-info", "note-good"}  # by htmx, and by templates/base.html in two parts

pytestmark = pytest.mark.once


@cache
def everything_that_names_a_class() -> frozenset[str]:
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "voisoadmin").rglob("*.py"),
        *(ROOT / "static").glob("*.js"),
    ]
    return frozenset(word for file in files for word in re.findall(r"[\w-]+", file.read_text(encoding="utf-8")))


def rules(text: str) -> list[str]:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).splitlines()


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_every_class_in_a_stylesheet_is_used(style):
    selectors = [line for line in rules(style.read_text(encoding="utf-8")) if line.endswith(("{", ","))]

    named = {name for line in selectors for name in re.findall(r"\.([a-zA-Z][\w-]*)", line)}

    assert named
    assert named - everything_that_names_a_class() - NAMED_BY_OTHERS == set()


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_a_line_of_a_stylesheet_holds_one_declaration(style):
    lines = rules(style.read_text(encoding="utf-8"))

    assert [line for line in lines if line.count(";") > 1 or "{" in line[:-1]] == []


def test_a_page_loads_every_stylesheet_once(client):
    page = client.get("/", follow=True).content.decode()

    assert sorted(re.findall(r'href="/static/(\w+)\.css"', page)) == sorted(path.stem for path in STYLES)
