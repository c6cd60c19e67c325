from argparse import ArgumentParser
from pathlib import Path
from shlex import quote
from typing import Any

from voisoadmin.contacts.mapped import in_words
from voisoadmin.contacts.questions import Question
from voisoadmin.contacts.wording import title_of
from voisoadmin.lib.commands import JsonCommand, bad_input
from voisoadmin.lib.garbage import rare_collections
from voisoadmin.sheets import Unreadable
from voisoadmin.sheets.text.encodings import name_of
from voisoadmin.uploads.check.limits import limits
from voisoadmin.uploads.cli.arguments import add_check_arguments, answers_of, choices_of, region_of
from voisoadmin.uploads.cli.inspecting import Inspected, InspectOptions, Undecided, inspect_file
from voisoadmin.uploads.cli.table_copy import copy_of

EPILOG = """
JSON, one line a file: {"file", "format", "encoding", "delimiter", "sheet", "header_row", "columns", "mapping", "rows",
"ready", "buckets": {"invalid", "duplicate_in_file", "suppressed", "not_sent"}, "reasons", "warnings", "questions": [{"code",
"column", "count", "answers": [{"value", "ready"}], "sentence"}], "offers": [like "questions", and "chosen"], "notes":
[{"code", "count", "sentence"}], "seconds"}, or {"file", "error", "error_code", "questions"}. Offers are decided; --answer
decides otherwise. Rows that aren't ready are invalid, repeat a number of the file, are marked do-not-call, were left out by an
answer, or wait for one. Exit code 0: every file was checked, even if rows are invalid; 2: at least one couldn't be checked.
"""


class Command(JsonCommand):
    needs_database = False
    help = "Check spreadsheets without saving or sending anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("files", nargs="*", metavar="FILE")
        add_check_arguments(parser)
        parser.add_argument("--table-dir", metavar="DIR", help="also write each table to DIR/FILE.csv (UTF-8, commas)")
        parser.add_argument("--rows-dir", metavar="DIR", help="also write what became of each row to DIR/FILE.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen, more_files = choices_of(options["map"])
        files = [*options["files"], *more_files]
        table_dir = Path(options["table_dir"]) if options["table_dir"] else None
        rows_dir = Path(options["rows_dir"]) if options["rows_dir"] else None
        inspect_options = InspectOptions(
            region=region_of(options["region"]),
            region_is_default=options["region"] is None,
            numbers=options["numbers"],
            sheet=options["sheet"],
            chosen=chosen,
            answers=answers_of(options["answer"]),
            table_dir=table_dir,
            rows_dir=rows_dir,
        )
        if not files:
            raise bad_input("Give at least one file.")
        if table_dir is not None:
            _make_folder("--table-dir", table_dir, files)
        if rows_dir is not None:
            _make_folder("--rows-dir", rows_dir, files)
        if table_dir and rows_dir and table_dir.absolute() == rows_dir.absolute():
            raise bad_input("--rows-dir: choose another folder than for --table-dir.")
        with rare_collections():
            unreadable = sum(not self._inspect(file, inspect_options) for file in files)
        if unreadable:
            raise bad_input(f"Couldn't check {unreadable} of {len(files)} files.")

    def _inspect(self, file: str, inspect_options: InspectOptions) -> bool:
        try:
            found = inspect_file(Path(file), inspect_options, limits())
        except Unreadable as problem:
            questions = problem.questions if isinstance(problem, Undecided) else ()
            refusal: dict[str, Any] = {"file": file, "error": str(problem), "error_code": problem.code}
            refusal["questions"] = [question.to_json() for question in questions]
            self.emit(refusal, words="\n".join([f"{file}: {problem}", *map(_answers, questions)]))
            return False
        self.emit(found.to_json(file), words=_words(file, found))
        return True


def _make_folder(option: str, folder: Path, files: list[str]) -> None:
    names = [Path(file).name for file in files]
    double = next((name for name in names if names.count(name) > 1), "")
    if double:
        raise bad_input(f"{option}: two files are named “{double}”; inspect them one at a time.")
    read = {Path(file).absolute() for file in files}
    lost = next((name for name in names if copy_of(name, folder.absolute()) in read), "")
    if lost:
        raise bad_input(f"{option}: the output for “{lost}” would overwrite another input file. Choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise bad_input(f"{option}: can't create “{folder}”: {problem.strerror}.") from None


def _words(file: str, found: Inspected) -> str:
    """The same for people: facts, mapping, numbers and notes on the whole file."""
    facts, checker = found.facts, found.checker
    read_as = [facts.format, name_of(facts.encoding) if facts.encoding else None]
    read_as.append(f"sheet “{facts.sheet}”" if facts.sheet else None)
    read_as.append(f"delimiter {facts.delimiter!r}" if facts.delimiter else None)
    read_as.append(f"header in row {facts.header_row}" if facts.header_row else "no header")
    columns = [
        f"“{in_words(mapped, facts.columns)}” is {name} (by {mapped.by})" for name, mapped in found.mapping.fields.items()
    ]
    lines = [
        f"{file}: {', '.join(part for part in read_as if part)}",
        f"  {', '.join(columns)}",
        f"  {checker.rows:,} rows: {checker.ready:,} ready, {checker.invalid:,} invalid, {checker.duplicates:,} repeated",
    ]
    lines += [f"    {title_of(code)}: {count:,}" for code, count in checker.reasons.most_common()]
    lines += [f"    {title_of(code)}: {count:,} (sent, with a warning)" for code, count in checker.warnings.most_common()]
    if checker.reader.evidence.both and checker.reader.reads_bare_as != "auto":
        lines.append(f"  Ambiguous numbers without + were read as {checker.reader.reads_bare_as}.")
    lines += [f"  {note.sentence}" for note in found.notes]
    lines += [f"  {question.sentence}\n{_answers(question)}" for question in found.questions]
    return "\n".join([*lines, f"  {found.seconds:.1f} s"])


def _answers(question: Question) -> str:
    """What can be chosen, as arguments of this command."""
    return "\n".join(
        f"    --answer {quote(f'{question.code}={answer.value}')}"
        + ("" if answer.ready is None else f": {answer.ready:,} ready")
        for answer in question.answers
    )
