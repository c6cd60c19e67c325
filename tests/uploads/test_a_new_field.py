"""A new field of contacts is one entry in the table of fields, with its keys in `voiso/` and its migration.

The tests make copies of the project, add a field and run programs there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("voisoadmin", "templates", "static", "tests", "pyproject.toml", "manage.py")
SPEC = """    OptionalField(
        name="crm_id",
        label="CRM ID",
        hint="as the CRM shows it",
        example="A-1",
        column_names=ColumnNames(scores={"crm id": 100}),
        cells=Cells.NOTHING,
        cleaner=cleaning.text("crm_id", longest=40),
        warnings=text_warnings("crm_id", "CRM ID", 40),
        repairs=text_repairs("crm_id"),
        column=Text(40),
        needs_enabling=False,
    ),
"""
KEYS = '    "crm_id": {Generation.LEGACY: JsonKey(("contactCrmId",)), Generation.V4: JsonKey(("crm_id",))},\n'
NEW_FIELD = {
    "contacts/fields.py": (")\nFIELDS: tuple", SPEC + ")\nFIELDS: tuple"),
    "voiso/contact_keys.py": ("}\n\n\ndef contact_body", KEYS + "}\n\n\ndef contact_body"),
}
IN_THE_SANDBOX = {
    "sandbox/centre.py": ("    answered: bool = False\n", '    answered: bool = False\n    crm_id: str = ""\n'),
    "sandbox/legacy.py": ("CONTACT_KEYS = {\n", 'CONTACT_KEYS = {\n    "contactCrmId": "crm_id",\n'),
    "sandbox/v4.py": ("LEAD_KEYS = {", 'LEAD_KEYS = {"crm_id": "crm_id", '),
}


pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.xdist_group("new field")]


def copied(to: Path) -> Path:
    """With its bytecode: only the changed modules are compiled again."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("cases"))
        else:
            shutil.copy(ROOT / part, to / part)
    shutil.move(to / "tests/uploads/made_up_field.py", to / "tests/uploads/test_made_up_field.py")
    return to


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> Path:
    """A copy that has the field, with its migration."""
    copy = copied(tmp_path_factory.mktemp("grown"))
    change(copy, NEW_FIELD | IN_THE_SANDBOX)
    made = run(copy, "manage.py", "makemigrations", "pushes", "--name", "crm_id")
    assert "Add field crm_id to contact" in made.stdout
    return copy


def change(copy: Path, changes: dict[str, tuple[str, str]]) -> None:
    for name, (before, after) in changes.items():
        text = (copy / "voisoadmin" / name).read_text()
        assert text.count(before) == 1, name
        (copy / "voisoadmin" / name).write_text(text.replace(before, after))


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = ("PYTEST", "TEST_", "VOISOADMIN_", "DATABASE_URL", "DJANGO_", "PYTHONPATH", "COV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"VOISOADMIN_DATA_DIR": str(copy / "var")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


def run_made_up_field(copy: Path) -> subprocess.CompletedProcess[str]:
    tests = "tests/uploads/test_made_up_field.py"
    return run(copy, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", tests)


def test_one_file_two_keys_and_a_migration_are_a_new_field(grown):
    tests = run_made_up_field(grown)

    assert tests.returncode == 0, tests.stdout
    assert "2 passed" in tests.stdout


def test_a_misspelt_key_is_caught_by_the_sandbox(grown):
    change(grown, {"voiso/contact_keys.py": ('JsonKey(("crm_id",))', 'JsonKey(("cmr_id",))')})
    try:
        tests = run_made_up_field(grown)
    finally:
        change(grown, {"voiso/contact_keys.py": ('JsonKey(("cmr_id",))', 'JsonKey(("crm_id",))')})

    assert "1 failed, 1 passed" in tests.stdout, tests.stdout


def test_mypy_sees_every_missing_part(tmp_path):
    copy = copied(tmp_path)
    parts = ["label", "hint", "example", "column_names", "cells", "cleaner", "column", "needs_enabling"]
    lines = SPEC.splitlines(keepends=True)
    incomplete = ["".join(line for line in lines if not line.strip().startswith(f"{part}=")) for part in parts]
    change(copy, {"contacts/fields.py": (")\nFIELDS: tuple", "".join(incomplete) + ")\nFIELDS: tuple")})

    seen = run(copy, "-m", "mypy", "--config-file=", "--follow-imports=silent", "voisoadmin/contacts/fields.py").stdout

    assert [part for part in parts if f'Missing named argument "{part}"' not in seen] == []
