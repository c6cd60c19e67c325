"""The command line of VoisoAdmin: `voisoadmin help` lists all commands. `manage.py` and `python -m voisoadmin` are the same."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voisoadmin.settings")
    program, *arguments = sys.argv
    if Path(program).name == "__main__.py":
        program = "python -m voisoadmin"  # Django would call itself "python -m django" in the help
    try:
        execute_from_command_line([program, *arguments])
    except ImproperlyConfigured as problem:
        # An invalid setting: the message helps the person who runs the command, a traceback doesn't.
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(130)  # shell convention: 128 + SIGINT


if __name__ == "__main__":
    main()
