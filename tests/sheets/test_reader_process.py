"""The reader is a separate process: whatever happens to it becomes a sentence here, and leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from tests.sheets.reading import read_bytes
from tests.sheets.workbooks import contacts, xlsx, xlsx_parts, zipped
from tests.support.waiting import helpers_of
from voisoadmin.sheets import Limits, ReadChoices, Unreadable, open_table
from voisoadmin.sheets.reader.frames import Frame
from voisoadmin.sheets.reader.helper import Helper

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024


@pytest.fixture
def long_file(tmp_path) -> Path:
    path = tmp_path / "long.csv"
    path.write_text("Phone,Name\n" + "".join(f"+4474{number:08},Name {number}\n" for number in range(60_000)))
    return path


def readers() -> list[psutil.Process]:
    return helpers_of(None, "voisoadmin.sheets.reader.child")


def rows_of(table) -> list[tuple[int, list[str]]]:
    return [row for chunk in table.chunks() for row in chunk]


def test_a_reader_killed_at_any_moment_is_never_taken_for_the_end_of_the_file(long_file):
    dice = random.Random(7)
    for _ in range(25):
        rows = 0
        try:
            with open_table(long_file, ReadChoices(), Limits()) as table:
                kill_after = dice.randrange(0, 25)
                for at, chunk in enumerate(table.chunks()):
                    rows += len(chunk)
                    if at == kill_after:
                        readers()[0].kill()
            message = ""
        except Unreadable as problem:
            message = str(problem)
        # Every row, or a sentence: never fewer rows without one.
        assert message.startswith("Couldn't read the file: ") if rows < 60_000 else True
        assert rows <= 60_000
        assert readers() == []


def test_a_table_read_again_after_a_kill_is_the_same(long_file):
    with open_table(long_file, ReadChoices(), Limits()) as table:
        whole = rows_of(table)

    with open_table(long_file, ReadChoices(), Limits()) as table:
        chunks = table.chunks()
        begun = next(chunks)
        readers()[0].kill()
    with open_table(long_file, ReadChoices(), Limits()) as table:
        again = rows_of(table)

    assert whole[: len(begun)] == begun
    assert again == whole


def test_a_reader_that_is_left_early_is_ended(long_file):
    with open_table(long_file, ReadChoices(), Limits()) as table:
        next(table.chunks())
        assert len(readers()) == 1

    assert readers() == []


def test_a_preview_does_not_read_further(long_file):
    with open_table(long_file, ReadChoices(), Limits()) as table:
        assert table.preview(3) == [(row, [f"+4474{row - 2:08}", f"Name {row - 2}"]) for row in (2, 3, 4)]

    assert readers() == []


def test_the_rows_of_a_table_can_be_taken_once(long_file):
    with open_table(long_file, ReadChoices(), Limits()) as table:
        rows_of(table)
        with pytest.raises(RuntimeError, match="open it again"):
            rows_of(table)


def test_a_file_that_needs_too_much_memory_is_refused_with_a_way_out(tmp_path):
    path = tmp_path / "large.xlsx"
    path.write_bytes(xlsx(f"<sheetData>{contacts(200_000)}</sheetData>"))

    with pytest.raises(Unreadable, match=r"it needs too much memory\. Save it as CSV"):  # noqa: SIM117 - one statement must not hide the other
        with open_table(path, ReadChoices(), Limits(memory_bytes=48 * MIB)) as table:
            rows_of(table)


def test_a_file_that_takes_too_long_is_refused_with_a_way_out(tmp_path):
    path = tmp_path / "slow.csv"
    path.write_text("Phone,Name\n" + '+447415000001,"Ann\n' * 3_000_000)

    with pytest.raises(Unreadable, match="took too long"):  # noqa: SIM117 - as above
        with open_table(path, ReadChoices(), Limits(cpu_seconds=1)) as table:
            rows_of(table)


def test_a_small_file_may_take_less_processor_time_and_memory_than_a_large_one(long_file):
    with open_table(long_file, ReadChoices(), Limits()) as table:
        next(table.chunks())
        of_two_mib, _ = readers()[0].rlimit(psutil.RLIMIT_CPU)
        memory_of_two_mib, _ = readers()[0].rlimit(psutil.RLIMIT_AS)

    assert of_two_mib == Limits().cpu_seconds_for(long_file.stat().st_size) < 60
    assert Limits().cpu_seconds_for(MIB - 1) == 10
    assert Limits().cpu_seconds_for(300 * MIB) == 600
    assert memory_of_two_mib == Limits().memory_bytes_for(long_file.stat().st_size) < 1024 * MIB
    assert Limits().memory_bytes_for(MIB - 1) == 768 * MIB
    assert Limits().memory_bytes_for(100 * MIB) == 2048 * MIB


def test_a_reader_that_reads_no_request_is_not_waited_for_blindly(long_file):
    looked = []

    def look() -> None:
        looked.append(1)
        if len(looked) == 3:
            raise TimeoutError

    helper = Helper("voisoadmin.sheets.reader.child", meanwhile=look)
    psutil.Process(helper.pid).suspend()

    with pytest.raises(TimeoutError):
        helper.send(Frame.REQUEST, "x" * MIB)  # far more than a pipe holds

    helper.close()
    assert readers() == []


def test_a_reader_whose_rows_are_not_taken_ends(long_file):
    with open_table(long_file, ReadChoices(), Limits(stall_seconds=1)) as table:
        next(table.chunks())
        reader = readers()[0]

        assert reader.wait(timeout=60) == -signal.SIGALRM


PARENT = """
    import sys, time
    from voisoadmin.sheets import Limits, ReadChoices, open_table
    table = open_table(sys.argv[1], ReadChoices(), Limits())
    chunks = table.chunks()
    if sys.argv[2] == "reading":
        next(chunks)
    print(table._child.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.kills
@pytest.mark.parametrize("when", ["reading", "previewing"])
def test_a_reader_ends_when_its_parent_is_killed(when, long_file):
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(long_file), when], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    reader = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    _, alive = psutil.wait_procs([reader], timeout=60)
    assert alive == []


def test_a_reader_has_none_of_our_settings_and_a_low_priority(long_file, monkeypatch):
    monkeypatch.setenv("VOISOADMIN_SECRET_KEY", "only-for-this-test")
    with open_table(long_file, ReadChoices(), Limits()):
        reader = readers()[0]

        assert not [name for name in reader.environ() if name.startswith(("VOISOADMIN", "DATABASE"))]
        assert reader.nice() > 0
        assert reader.rlimit(psutil.RLIMIT_AS)[1] <= Limits().memory_bytes
        assert reader.rlimit(psutil.RLIMIT_CORE)[1] == 0


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_a_path_that_is_not_a_file_is_reported_at_once(kind, tmp_path):
    path = tmp_path / "leads.csv"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)

    started = time.monotonic()
    with pytest.raises(Unreadable, match=r"No such file: “leads\.csv”|“leads\.csv” is not a file"):
        open_table(path, ReadChoices(), Limits())

    assert time.monotonic() - started < 10  # opening a pipe for reading waits for ever


def test_a_name_with_odd_letters_is_fine(tmp_path):
    path = tmp_path / "Leads “März” 2024 \n .csv"
    path.write_text("Phone\n+447415000001\n")

    with open_table(path, ReadChoices(), Limits()) as table:
        assert rows_of(table) == [(2, ["+447415000001"])]


PANICS = [
    '<c r="A1" t="s"><v>99</v></c>',
    '<c r="A1" t="s"><v>-1</v></c>',
    '<c r="1A"><v>1</v></c>',
    '<c r="A0"><v>1</v></c>',
    '<c r="A1" t="b"><v>maybe</v></c>',
    '<c r="A1"><v>1e999</v></c>',
    '<c r="A1"><v>text</v></c>',
]


@pytest.mark.parametrize("cell", PANICS)
def test_a_broken_cell_is_a_sentence_or_a_blank(cell, tmp_path):
    parts = xlsx_parts(f"<sheetData>{contacts(3)}</sheetData>", strings="<si><t>a</t></si>")
    part = parts["xl/worksheets/sheet1.xml"].replace("</sheetData>", f'<row r="5">{cell}</row></sheetData>')

    try:
        rows = read_bytes(tmp_path, zipped({**parts, "xl/worksheets/sheet1.xml": part}), "broken.xlsx").rows
    except Unreadable as problem:
        outcome = str(problem)
    else:
        outcome = f"{len(rows)} rows."

    assert outcome.startswith(("The workbook is damaged", "3 rows", "4 rows", "Sheet “Sheet1” has a cell"))
