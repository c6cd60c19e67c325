"""README and docs/ are true: what they name exists, and what the program says about them is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SOURCES = ("voisoadmin", "tests", "benchmarks", "templates", "static", ".ci", "Makefile", "manage.py")
CODE_BLOCK = re.compile(r"^ {4,}[^\n]*$|^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# docs/sending.md, "Times"    voiso-api.md, section 4    voiso-api.md 6.3    voiso-api.md, C2 and C3
MENTION = re.compile(
    r'\b(?P<paper>(?:docs/)?[\w-]+\.md)\b(?:,? (?:"(?P<title>[^"]+)"|(?:section )?(?P<number>\d+(?:\.\d+)?)))?'
)
CONTRADICTION = re.compile(r"\b(?:contradiction |voiso-api\.md, )(C\d+)(?: and (C\d+))?")
LEFT_OUT = re.compile(r"/vendor/|__pycache__|/test_papers\.py|/test_word_check\.py")
INVARIANT = re.compile(r"\bI\d+\b")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def headings(path: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", text_of(path)), re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """As the place that shows the repository makes them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings(path)}


def named_places(path: Path) -> set[str]:
    """What a reference may name: a heading, a bold beginning, the first cell of a row."""
    text = text_of(path)
    found = [*headings(path), *re.findall(r"\*\*([^*]+?)[.:]?\*\*", text), *re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)]
    return {title.lower() for title in found}


def program() -> Iterator[tuple[str, str]]:
    """Every file of ours that is no paper: its name and its text on one line, because a reference may be on two."""
    for path in sorted(path for source in SOURCES for path in [ROOT / source, *(ROOT / source).rglob("*")]):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and path.suffix in {"", ".py", ".html", ".js", ".css", ".toml"} and not LEFT_OUT.search(name):
            yield name, re.sub(r"\s+(?:# )?", " ", text_of(path))


def leads_somewhere(mention: re.Match[str]) -> bool:
    paper = next((path for path in PAPERS if path.name == Path(mention["paper"]).name), None)
    if paper is None:
        return mention["paper"] == "VENDORED.md"
    if mention["title"]:
        return mention["title"].lower() in named_places(paper)
    number = mention["number"]
    return not number or any(title.startswith((f"{number}.", f"{number} ")) for title in headings(paper))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_link_of_a_paper_leads_somewhere(paper):
    for link in LINK.findall(CODE_BLOCK.sub("", text_of(paper))):
        target, _, anchor = link.partition("#")
        if re.match(r"https?:", link):
            continue
        found = (paper.parent / target) if target else paper
        assert found.exists(), link
        assert not anchor or anchor in anchors(found), link


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_test_and_file_that_a_paper_names_exists(paper):
    tests = set(re.findall(r"\bdef (test_\w+)", "\n".join(text_of(path) for path in (ROOT / "tests").rglob("*.py"))))
    for name in re.findall(r"`([^`\n]+)`", text_of(paper)):
        if re.fullmatch(r"test_\w+", name):
            assert name in tests, name
        elif found := re.fullmatch(r"((?:voisoadmin|tests|benchmarks|docs|static|templates|\.ci)/[\w./-]*)(?: .*)?", name):
            assert (ROOT / found[1]).exists(), name


def test_every_paper_that_the_program_names_has_the_named_place():
    wrong = [
        f"{name}: {found[0]}" for name, text in program() for found in MENTION.finditer(text) if not leads_somewhere(found)
    ]

    assert wrong == []


def test_every_invariant_and_contradiction_that_is_named_exists():
    invariants, contradictions = named_places(ROOT / "docs/sending.md"), named_places(ROOT / "docs/voiso-api.md")
    texts = [*program(), *((paper.name, text_of(paper)) for paper in PAPERS)]
    for name, text in texts:
        assert {found.lower() for found in INVARIANT.findall(text) if name != "voiso-api.md"} <= invariants, name
        assert {part.lower() for found in CONTRADICTION.findall(text) for part in found if part} <= contradictions, name


def asked_of_the_environment() -> dict[str, str]:
    """The variables that the settings read, with the default as a person would type it; empty where there is none."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(text_of(ROOT / "voisoadmin/variables.py"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            prefix = {"env": "VOISOADMIN_", "plain_env": ""}.get(node.func.value.id)
            if prefix is not None:
                default = node.args[1] if len(node.args) > 1 else None
                name = prefix + node.args[0].value
                found[name] = found.get(name) or typed(default)
    return found


def typed(default: ast.expr | None) -> str:
    if isinstance(default, ast.List):
        return ",".join(element.value for element in default.elts)
    if not isinstance(default, ast.Constant):
        return ""
    return str(default.value).lower() if isinstance(default.value, bool) else str(default.value).replace("_", "")


def test_operations_lists_every_setting_with_its_default_and_no_other():
    table = text_of(ROOT / "docs/operations.md").split("## Settings")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", table, re.MULTILINE)
    asked = asked_of_the_environment()

    assert sorted(name for name, _ in rows) == sorted(asked)
    for name, default in rows:
        # Without backticks it is in words: "none", "created". The folder for data depends on how it was installed.
        assert name == "VOISOADMIN_DATA_DIR" or asked[name] == (default.strip("`") if default.startswith("`") else ""), name


def test_operations_lists_every_command_and_no_other():
    table = text_of(ROOT / "docs/operations.md").split("## Commands")[1]

    listed = set(re.findall(r"^\| `([a-z_]+)", table, re.MULTILINE))

    assert listed == {path.stem for path in (ROOT / "voisoadmin").glob("*/management/commands/[a-z]*.py")}


@pytest.mark.parametrize("name", ["board.png", "check.png"])
def test_the_pictures_of_the_readme_are_small(name):
    assert f"(docs/{name})" in text_of(ROOT / "README.md")
    assert (ROOT / "docs" / name).stat().st_size < 200_000
