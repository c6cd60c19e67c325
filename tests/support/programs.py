"""Programs that some tests need, and the Debian package that brings each.

`python -m tests.support.programs` prints what is missing; with the name of a package it fails if that one is.
`WITHOUT=postgresql,chromium-headless-shell` hides them, to see what a machine without them would say.
"""

import os
import shutil
import sys
from pathlib import Path

# Debian builds both from one source; the shell is the same engine without windows and needs a third less to run.
BROWSER, DATABASE = "chromium-headless-shell", "postgresql"
SKIPPED_WITHOUT = {BROWSER: "the tests in a browser", DATABASE: "every test on PostgreSQL"}


def hidden(package: str) -> bool:
    return package in os.environ.get("WITHOUT", "").split(",")


def chromium() -> str | None:
    if hidden(BROWSER):
        return None
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def postgres(program: str) -> str | None:
    """One of PostgreSQL's own programs, of the newest version. Debian keeps them off the PATH."""
    if hidden(DATABASE):
        return None
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(found[-1]) if found else shutil.which(program)


def missing() -> list[str]:
    return [package for package, found in ((BROWSER, chromium()), (DATABASE, postgres("initdb"))) if not found]


def why_skipped(package: str) -> str:
    return f"needs the Debian package {package}"


if __name__ == "__main__":
    if asked := sys.argv[1:]:
        sys.exit(bool(set(asked) & set(missing())))
    for package in missing():
        print(f"Skipped: {SKIPPED_WITHOUT[package]}. The Debian package {package} brings what is missing.")  # noqa: T201
