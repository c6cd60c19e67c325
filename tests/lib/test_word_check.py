"""`.ci/words`, which keeps comments, strings and templates to the words of the glossary."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).resolve().parents[2] / ".ci"
WORDS = runpy.run_path(str(CI / "words"))
AVOIDED = {
    "a comment": ("voisoadmin/a.py", "x = 1\n# it goes\n# on later\n", "voisoadmin/a.py:2"),
    "a trailing comment": ("tests/a.py", "x = 1  # for whoever reads\n", "tests/a.py:1"),
    "a docstring": ("benchmarks/a.py", '"""Runs.\n\nIt stands here.\n"""\n', "benchmarks/a.py:3"),
    "strings that Python joins": ("voisoadmin/a.py", 'print("it goes "\n      "on")\n', "voisoadmin/a.py:1"),
    "the text of a template": ("templates/a.html", "<p>\n<b>Nobody</b> is here</p>\n", "templates/a.html:2"),
    "a tooltip": ("templates/a.html", '\n<a title="told later">x</a>\n', "templates/a.html:2"),
    "a comment of a script": ("static/a.js", "go();\n// mended here\n", "static/a.js:2"),
    "a comment of a style sheet": ("static/a.css", "a { }\n/* by colour alone */\n", "static/a.css:2"),
    "a paper": ("docs/a.md", "# Title\n\nIt goes\non.\n", "docs/a.md:3"),
    "a paper at the top": ("README.md", "Read it anew.\n", "README.md:1"),
    "a comment of a shell script": (".ci/a", "run x\ny  # anew\n", ".ci/a:2"),
}
GOOD = {
    "identifiers": ("voisoadmin/a.py", "def tell(whoever: int) -> int:\n    stands = whoever\n    return stands\n"),
    "expressions in strings": ("voisoadmin/a.py", 'f"{told} and {nobody!r}"\n'),
    "code in templates": ("templates/a.html", '{% if told %}<a class="stands" href="/tell/">{{ somebody }}</a>{% endif %}\n'),
    "selectors and names in scripts": ("static/a.js", "const told = nobody;\n"),
    "code in papers": ("docs/a.md", "Run `tell`:\n\n    tell nobody\n\n[this](whoever.md).\n"),
    "the list of words that are not used": ("docs/glossary.md", "not told\n"),
    "vendored files": ("static/vendor/a.js", "// told by whoever stands here\n"),
}


@pytest.fixture
def check(tmp_path):
    """Write a file into a copy of the check's folder and run it there; return its exit code and its output."""
    shutil.copytree(CI, tmp_path / ".ci")
    rules = tmp_path / ".ci/words.toml"
    rules.write_text(re.sub(r"code = \d+", "code = 0", rules.read_text()))

    def do(name: str, content: str, *arguments: str) -> tuple[int, str]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        done = subprocess.run([sys.executable, tmp_path / ".ci/words", *arguments], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return do


def set_count(tmp_path: Path, rule: str, count: int) -> Path:
    path = tmp_path / ".ci/words.toml"
    path.write_text(re.sub(rf'(name = "{rule}"\n.*?code = )\d+', rf"\g<1>{count}", path.read_text(), count=1, flags=re.DOTALL))
    return path


@pytest.mark.parametrize(("name", "content", "place"), AVOIDED.values(), ids=AVOIDED)
def test_an_avoided_word_is_reported_with_its_place_and_a_better_one(check, name, content, place):
    code, said = check(name, content)

    assert code == 1
    assert said.startswith(f"{place}: “")
    assert "Instead: " in said


@pytest.mark.parametrize(("name", "content"), GOOD.values(), ids=GOOD)
def test_only_words_for_readers_count(check, name, content):
    assert check(name, content) == (0, "")


def test_a_count_only_goes_down(check, tmp_path):
    rules = set_count(tmp_path, "mend", 2)
    text = "# mend\n\nx = 1\n# mend\n"

    assert check("tests/a.py", text) == (0, "")
    code, said = check("tests/a.py", text + "\ny = 1\n# mend\n")
    assert (code, "3 instead of at most 2" in said) == (1, True)
    code, said = check("tests/a.py", "# mend\n")
    assert (code, ".ci/words --lower" in said) == (1, True)

    assert check("tests/a.py", "# mend\n", "--lower") == (0, "")
    assert rules.read_text() == set_count(tmp_path, "mend", 1).read_text()
    assert check("tests/a.py", text, "--lower")[0] == 1
    assert rules.read_text() == set_count(tmp_path, "mend", 1).read_text()


def test_draft_and_call_records_are_good_words_on_pages():
    rules = {rule.name: rule for rule in WORDS["load"]("pages")}

    assert not any(rules["draft"].hits("Draft")), "a state of Voiso's campaigns"
    assert any(rules["draft"].hits("Discard the draft"))
    assert not any(rules["record"].hits("the lookup for call records"))
    assert any(rules["record"].hits("rejected records"))
