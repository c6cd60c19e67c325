"""How fast `manage.py inspect` is, and how much memory all its processes take, compared with a plain script in the same
run.

    python benchmarks/inspect_files.py [--rows 1000000] [--workbook-rows 500000] [--folder DIR]

Prints a table; exit code 1 if a promise isn't kept: CSV at least 3 times as fast as csv + phonenumbers in one process, in
400 MB; workbook at least 4 times as fast as openpyxl + phonenumbers, in 500 MB (PSS of all processes, sampled).
"""

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import phonenumbers
import psutil

ROOT = Path(__file__).resolve().parent.parent
HEADER = ["Phone", "Name", "Source", "URL", "Priority", "Active"]
REGION = "GB"
SAMPLE_EVERY = 0.1  # seconds
MB = 1_000_000
FIRST = ["Ada", "Björk", "Carlos", "Đorđe", "Émile", "Zoë", "Mohammed", "Anna-Lena", "Siobhán", "Wei"]
LAST = ["Byron", "Müller", "O’Neill", "Guðmundsdóttir", "García Márquez", "Kowalczyk", "Sørensen", "Haddad"]
FORMS = ["+{cc}{n}", "{cc}{n}", "+{cc} {a} {b}", "00{cc}{n}", "0{n}", "0{a} {b}", "+{cc} (0){n}", "(0{a}) {b}"]
HOME_ONLY = 4  # from this one on, forms with a leading zero are for numbers of the region
ABROAD = {"44": "74", "49": "1714", "33": "61", "34": "61", "48": "51", "1": "212"}
LENGTHS = {"44": 10, "49": 10, "33": 9, "34": 9, "48": 9, "1": 10}
BAD = ["", "n/a", "4.47415E+11", "see notes", "+44 7415 55 x12", "12345", "+44 7911 123456"]


@dataclass(frozen=True)
class Promise:
    name: str
    times: float  # as fast as the plain script
    megabytes: float


@dataclass(frozen=True)
class Run:
    seconds: float
    cpu_seconds: float  # of all its processes
    peak_megabytes: float
    ready: int


def phone(at: int, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.03:
        return chance.choice(BAD)
    code = "44" if draw < 0.7 else chance.choice(list(ABROAD))
    start = ABROAD[code]
    serial = at if draw > 0.1 else chance.randrange(1000)  # seven in a hundred repeat an earlier number
    number = (start + f"{serial * 7919 % 10 ** (LENGTHS[code] - len(start)):0{LENGTHS[code] - len(start)}}")[: LENGTHS[code]]
    form = chance.choice(FORMS if code == "44" else FORMS[:HOME_ONLY])
    return form.format(cc=code, n=number, a=number[:4], b=number[4:])


def contacts(count: int) -> Iterator[list[str]]:
    chance = random.Random(count)
    for at in range(count):
        yield [
            phone(at, chance),
            f"{chance.choice(FIRST)} {chance.choice(LAST)}",
            chance.choice(["web", "Messe Köln", "Partner", "referral"]),
            f"https://crm.example/lead/{at}" if at % 3 else "",
            str(chance.randint(1, 1000)) if at % 2 else "",
            chance.choice(["yes", "no", "", "1"]),
        ]


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(contacts(count))


def write_workbook(path: Path, count: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Leads")
    sheet.append(HEADER)
    for row in contacts(count):
        sheet.append(row)
    book.save(path)


def plain_csv(path: Path) -> int:
    """The plain script for a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return check_plainly(rows)


def plain_workbook(path: Path) -> int:
    """The plain script for a workbook."""
    sheet = openpyxl.load_workbook(path, read_only=True).active
    assert sheet is not None
    rows = sheet.iter_rows(min_row=2, values_only=True)
    return check_plainly([str(cell) if cell is not None else "" for cell in row] for row in rows)


def check_plainly(rows: Iterable[list[str]]) -> int:
    seen = set()
    for row in rows:
        try:
            number = phonenumbers.parse(row[0], REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            seen.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return len(seen)


PLAIN = {"csv": plain_csv, "xlsx": plain_workbook}


def inspect_command(path: Path) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "inspect", "--json", "--region", REGION, str(path)]


def plain_command(path: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve()), "--plain", str(path)]


def run(command: list[str], folder: Path) -> Run:
    """Run a command to its end; return the time and the peak PSS of its whole process tree."""
    environment = {**os.environ, "VOISOADMIN_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    began, cpu_before = time.monotonic(), cpu_of_children()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    peak = [0.0]
    sampler = threading.Thread(target=sample, args=(child.pid, peak))
    sampler.start()
    answer, _ = child.communicate()
    seconds = time.monotonic() - began
    sampler.join()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}.")
    return Run(seconds, cpu_of_children() - cpu_before, peak[0] / MB, json.loads(answer)["ready"])


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sample(pid: int, peak: list[float]) -> None:
    try:
        parent = psutil.Process(pid)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            peak[0] = max(peak[0], sum(map(pss, [parent, *parent.children(recursive=True)])))
            time.sleep(SAMPLE_EVERY)
    except psutil.NoSuchProcess:
        pass  # it has ended


def pss(process: psutil.Process) -> int:
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # ended between the list and the read
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def compare(path: Path, count: int, promise: Promise) -> bool:
    ours, plain = run(inspect_command(path), path.parent), run(plain_command(path), path.parent)
    times = plain.seconds / ours.seconds
    kept = times >= promise.times and ours.peak_megabytes <= promise.megabytes
    say(f"{promise.name}, {count:,} rows of {len(HEADER)} columns, {path.stat().st_size / MB:.0f} MB")
    for name, done in (("inspect", ours), ("plain script", plain)):
        speed = f"{done.seconds:6.1f} s {count / done.seconds:9,.0f} rows/s"
        say(f"  {name:12} {speed}  {done.cpu_seconds:6.1f} s CPU  {done.peak_megabytes:4.0f} MB  {done.ready:,} good")
    promised = f"promised {promise.times:g}, in {promise.megabytes:g} MB"
    say(f"  {times:.1f} times as fast ({promised}): {'kept' if kept else 'NOT KEPT'}")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workbook-rows", type=int, default=500_000)
    parser.add_argument("--folder", type=Path, help="keep the files here, and use them again")
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain:
        say(json.dumps({"ready": PLAIN[options.plain.suffix[1:]](options.plain)}))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        kept = []
        for name, count, write, promise in (
            (f"leads-{options.rows}.csv", options.rows, write_csv, Promise("CSV", 3, 400)),
            (f"leads-{options.workbook_rows}.xlsx", options.workbook_rows, write_workbook, Promise("XLSX", 4, 500)),
        ):
            path = folder / name
            if count and not path.exists():
                write(path, count)
            if count:
                kept.append(compare(path, count, promise))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
