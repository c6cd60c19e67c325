"""Where the program and its data are: in a checkout of the repository, or installed as a package."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
IMPORTED_FROM = PACKAGE.parent  # on sys.path: the checkout, or a folder of packages
IS_INSTALLED = (PACKAGE / "templates").is_dir()  # a wheel brings them inside the package
RESOURCES = PACKAGE if IS_INSTALLED else IMPORTED_FROM
TEMPLATES, STATIC = RESOURCES / "templates", RESOURCES / "static"
PROGRAM = "voisoadmin" if IS_INSTALLED else "manage.py"  # as a person types it


def default_data_folder() -> str:
    """`var` in the checkout; of an installed program the user's folder for data, by the XDG rules. Empty if there is none."""
    if not IS_INSTALLED:
        return "var"
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    try:
        # The rules say that a relative one is ignored.
        return str((given if given.is_absolute() else Path.home() / ".local" / "share") / "voisoadmin")
    except RuntimeError:  # a user without a home
        return ""


def data_folder(name: str) -> Path:
    # Not below the working directory of a command: a cron job would silently start another installation.
    return (IMPORTED_FROM / name).resolve()


def why_not_a_data_folder(name: str) -> str:
    """What the name of the data directory must be; empty if it is."""
    text = name.strip()
    # Only a shell expands `~`: here it would become a folder of that name.
    if text in {"", ".", "./"} or text.startswith("~"):
        return "must name a folder: from / on" + ("" if IS_INSTALLED else ", or below the project's own")
    if IS_INSTALLED and not Path(text).is_absolute():
        return "must name a folder from / on"
    folder = data_folder(text)
    while not folder.exists():
        folder = folder.parent
    return (
        ""
        if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        else "must be a folder that can be created and written to"
    )
