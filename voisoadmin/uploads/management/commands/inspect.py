from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from voisoadmin.lib.commands import JsonCommand, bad_input
from voisoadmin.sheets import Unreadable
from voisoadmin.uploads.arguments import choices_of, region_of
from voisoadmin.uploads.fields import Field
from voisoadmin.uploads.garbage import rare_collections
from voisoadmin.uploads.inspecting import Inspected, Wish, copy_of, inspect_file
from voisoadmin.uploads.limits import limits

EPILOG = """
JSON, one line a file: {"file", "format", "encoding", "delimiter", "sheet", "header_row", "columns", "mapping", "rows", "ready",
"buckets": {"invalid", "duplicate_in_file"}, "reasons", "seconds"}, or {"file", "error"}. Rows that are not ready are invalid or
repeat a number of the file. Exit code 0: every file was read and checked, whatever was found in it; 2: one or more were not.
"""


class Command(JsonCommand):
    needs_database = False
    help = "Read, map and check spreadsheets without storing or sending anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument(
            "--region", default=settings.DEFAULT_REGION, metavar="GB", help="country of numbers without a calling code"
        )
        parser.add_argument("--sheet", default="", metavar="S", help="the sheet of a workbook; else the first that has rows")
        parser.add_argument(
            "--map",
            nargs="+",
            action="extend",
            default=[],
            metavar="FIELD=COLUMN",
            help=f"the column of a field ({', '.join(Field)}): its name or number; nothing leaves the field out",
        )
        parser.add_argument(
            "--numbers",
            default="auto",
            choices=["auto", "international", "national"],
            help="how digits without + or 00 are read (auto: as most of the column can only be read)",
        )
        parser.add_argument("--table-dir", metavar="DIR", help="write each table as read to DIR/FILE.csv, UTF-8 with commas")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen, more_files = choices_of(options["map"])
        files = [*options["files"], *more_files]
        table_dir = Path(options["table_dir"]) if options["table_dir"] else None
        wish = Wish(
            region=region_of(options["region"]),
            numbers=options["numbers"],
            sheet=options["sheet"],
            chosen=chosen,
            table_dir=table_dir,
        )
        if not files:
            raise bad_input("Name at least one file.")
        if table_dir is not None:
            _make_folder(table_dir, files)
        with rare_collections():
            unreadable = sum(not self._inspect(file, wish) for file in files)
        if unreadable:
            raise bad_input(f"{unreadable} of {len(files)} files could not be read and checked.")

    def _inspect(self, file: str, wish: Wish) -> bool:
        try:
            found = inspect_file(Path(file), wish, limits())
        except Unreadable as problem:
            self.emit({"file": file, "error": str(problem)}, words=f"{file}: {problem}")
            return False
        self.emit(found.to_json(file), words=_words(file, found))
        return True


def _make_folder(folder: Path, files: list[str]) -> None:
    names = [Path(file).name for file in files]
    double = next((name for name in names if names.count(name) > 1), "")
    if double:
        raise bad_input(f"--table-dir: two files are named “{double}”; inspect them one after the other.")
    read = {Path(file).absolute() for file in files}
    lost = next((name for name in names if copy_of(name, folder.absolute()) in read), "")
    if lost:
        raise bad_input(
            f"--table-dir: the table of “{lost}” would replace another file that is to be read. Name another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise bad_input(f"--table-dir: “{folder}” cannot be made: {problem.strerror}.") from None


def _words(file: str, found: Inspected) -> str:
    """The same for people: facts, mapping, numbers and notes on the whole file."""
    facts, checker = found.facts, found.checker
    read_as = [facts.format, facts.encoding, f"sheet “{facts.sheet}”" if facts.sheet else None]
    read_as.append(f"delimiter {facts.delimiter!r}" if facts.delimiter else None)
    read_as.append(f"header in row {facts.header_row}" if facts.header_row else "no header")
    columns = [f"“{facts.columns[mapped.column]}” is {name} (by {mapped.by})" for name, mapped in found.mapping.fields.items()]
    settled = checker.reader.settled if checker.reader.numbers == "auto" else checker.reader.numbers
    lines = [
        f"{file}: {', '.join(part for part in read_as if part)}",
        f"  {', '.join(columns)}",
        f"  {checker.rows:,} rows: {checker.ready:,} ready, {checker.invalid:,} invalid, {checker.duplicates:,} repeated",
    ]
    lines += [f"    {count:,} {code}" for code, count in checker.reasons.most_common()]
    lines += [f"    {count:,} {code} (sent, with a warning)" for code, count in checker.warnings.most_common()]
    if checker.reader.votes.ambiguous and settled != "auto":
        lines.append(f"  Digits without + that can be read both ways were read as {settled} numbers.")
    lines += [f"  {note}" for note in (*facts.notes, *found.mapping.notes, *checker.notes())]
    return "\n".join([*lines, f"  {found.seconds:.1f} s"])
