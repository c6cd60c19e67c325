"""Dependencies: pinned, hashed, from no particular address, each for a reason."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEPENDENCIES = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
FOR_TESTS = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
FOR_LINT = [Requirement(line) for line in PROJECT["dependency-groups"]["lint"]]
ENTRY = re.compile(r"(?P<pin>[a-z0-9-]+==\S+)(?P<marker> ; [^\\]+?)?(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


def pins(name: str) -> dict[str, Requirement]:
    """The entries of a requirements file by name. The file contains nothing else: no address, no option, no comment."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [Requirement(match["pin"] + (match["marker"] or "")) for match in ENTRY.finditer(text)]
    assert ENTRY.sub("", text).strip() == ""
    return {canonicalize_name(entry.name): entry for entry in entries}


def pinned_version(entry: Requirement) -> Version:
    (specifier,) = entry.specifier
    return Version(specifier.version)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("requirements.txt", DEPENDENCIES),
        ("requirements-dev.txt", DEPENDENCIES + FOR_TESTS),
        ("requirements-lint.txt", FOR_LINT),
    ],
)
def test_each_dependency_is_pinned_as_the_project_asks_for_it(name, asked):
    pinned = pins(name)

    for dependency in asked:
        entry = pinned[canonicalize_name(dependency.name)]
        assert pinned_version(entry) in dependency.specifier, dependency.name
        conditions = set(re.split(" and ", str(entry.marker or "")))
        assert conditions <= {"", 'implementation_name != "pypy"', *str(dependency.marker).split(" and ")}, dependency.name


def test_tests_run_with_the_versions_that_are_installed_for_use():
    used, tested = pins("requirements.txt"), pins("requirements-dev.txt")

    assert {name: pinned_version(entry) for name, entry in used.items()} == {
        name: pinned_version(entry) for name, entry in tested.items() if name in used
    }


def test_each_dependency_has_a_reason_above_it():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[tool.")[0].splitlines()
    dependencies = [number for number, line in enumerate(lines) if re.match(r'    "[A-Za-z]', line)]

    assert len(dependencies) == len(DEPENDENCIES) + len(FOR_TESTS) + len(FOR_LINT)
    for number in dependencies:
        # The tools of the tests are in groups, each under one reason.
        above = next(line for line in reversed(lines[:number]) if not re.match(r'    "', line))
        assert above.strip().startswith("# "), lines[number]


def test_every_imported_package_is_a_direct_dependency():
    names = {canonicalize_name(dependency.name) for dependency in DEPENDENCIES}
    providers, imported = packages_distributions(), set()
    for path in (ROOT / "voisoadmin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])

    foreign = imported - set(sys.stdlib_module_names) - {"voisoadmin"}
    undeclared = {name for name in foreign if not {canonicalize_name(p) for p in providers.get(name, [])} & names}
    assert undeclared <= {"httpcore"}, "which is httpx's own engine, pinned with it"
