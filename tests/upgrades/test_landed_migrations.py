"""Installations have run the migrations that landed: they are never edited, renamed or removed."""

import hashlib

from tests.support.installation import ROOT

RECORD = ROOT / "tests" / "upgrades" / "landed_migrations.sha256"
ADVICE = "Landed migrations are frozen: installations have run them. Undo the change, and add a migration that makes it."


def landed() -> dict[str, str]:
    lines = RECORD.read_text(encoding="ascii").splitlines()
    return {path: digest for digest, path in (line.split("  ") for line in lines)}


def found() -> dict[str, str]:
    paths = (ROOT / "voisoadmin").glob("*/migrations/[0-9]*.py")
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_no_landed_migration_was_changed():
    present = found()

    assert [path for path, digest in landed().items() if present.get(path) != digest] == [], ADVICE


def test_every_migration_is_recorded():
    new = sorted(set(found()) - set(landed()))

    record = RECORD.relative_to(ROOT)
    assert new == [], f"Record each new one: sha256sum {' '.join(new)} | sort -k2 -m - {record} -o {record}"
