"""The arguments shared by all commands that take a spreadsheet."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings

from voisoadmin.contacts.fields import BY_NAME
from voisoadmin.contacts.questions import SENTENCES, is_known, kind_of, values_for
from voisoadmin.lib.commands import bad_input
from voisoadmin.phones import Reader, UnknownRegion


def add_check_arguments(parser: ArgumentParser) -> None:
    """How a file is read and checked."""
    default = f" (default: {settings.DEFAULT_REGION}, if the file leaves no doubt)" if settings.DEFAULT_REGION else ""
    parser.add_argument("--region", metavar="GB", help=f"the country of numbers without a country code{default}")
    parser.add_argument("--sheet", default="", metavar="S", help="sheet of the workbook (default: the first with rows)")
    parser.add_argument(
        "--map",
        nargs="+",
        action="extend",
        default=[],
        metavar="FIELD=COLUMN",
        help=f"the column of a field ({', '.join(BY_NAME)}): name or number; leave COLUMN empty to skip the field",
    )
    parser.add_argument(
        "--numbers",
        default="auto",
        choices=["auto", "international", "national"],
        help="how to read numbers without + or 00 (auto: decided by the column's unambiguous numbers)",
    )
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="CODE=VALUE",
        help="answer a question of the check (see “questions” in the JSON); repeat it for several questions",
    )


def region_of(text: str | None) -> str:
    """The chosen country, or the default one."""
    try:
        return Reader(settings.DEFAULT_REGION if text is None else text).region
    except UnknownRegion as problem:
        raise bad_input(f"--region: {problem}") from None


def choices_of(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """The columns chosen for fields, and file names that were typed after them."""
    chosen: dict[str, str] = {}
    files = []
    for word in words:
        name, equals, column = word.partition("=")
        if equals and name in BY_NAME:
            chosen[name] = column
        elif chosen and not (equals and name.isidentifier() and not Path(word).exists()):
            files.append(word)
        else:
            raise bad_input(f"--map: “{word}” is not FIELD=COLUMN with one of the fields {', '.join(BY_NAME)}.")
    return chosen, files


def answers_of(words: list[str]) -> dict[str, str]:
    """The answers to questions of the check, by the question's code."""
    answers = {}
    for word in words:
        code, equals, value = word.partition("=")
        if values_for(kind_of(code)):
            code, equals, value = word.rpartition("=")  # the word it asks about may have one, too
        if not (equals and value and is_known(code, value)):
            offered = ", ".join(values_for(kind_of(code)))
            known = f"one of the answers {offered}" if offered else f"one of the questions {', '.join(SENTENCES)}"
            raise bad_input(f"--answer: “{word}” is not CODE=VALUE with {known}.")
        answers[code] = value
    return answers
