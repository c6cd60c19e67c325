"""Times the pages of a checked file: every tab, its first, middle and last page, of a draft of 1,000,000 rows.

    python benchmarks/check_pages.py
    DATABASE_URL=postgres://... python benchmarks/check_pages.py --rows 100000

The draft is written as a check writes it, the pages are asked for as a browser does. Prints JSON, a line for each tab; exit 1
if 95 of 100 pages of a tab take longer than promised, or a page opens more batches than promised.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voisoadmin.pushes.models import Push
    from voisoadmin.uploads.models import Upload

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PROMISED_SECONDS = 0.1
PROMISED_BATCHES = 3
WARNING = "trunk_prefix_removed"
TABS = ("all", "ready", "fix", "repeats", "there", "do-not-call", "warnings")
HEADER = ["Phone", "Name", "Source", "URL", "Priority", "Note"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _start_django(folder)
        upload = _checked_upload(arguments.rows)
        kept = [_measured(upload, tab, arguments) for tab in TABS]
    sys.exit(0 if all(kept) else 1)


def _start_django(folder: str) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "voisoadmin.settings", "VOISOADMIN_DATA_DIR": folder}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def _checked_upload(rows: int) -> "Upload":
    """The upload of a file of which a fiftieth is to fix, a twentieth repeated, a few known, flagged, or with a warning."""
    from django.utils import timezone

    from voisoadmin.accounts.models import User
    from voisoadmin.campaigns.models import Campaign, Lane
    from voisoadmin.connections.models import Connection
    from voisoadmin.contacts.mapped import By, from_column, to_json
    from voisoadmin.contacts.rules import rules_in_force
    from voisoadmin.uploads.models import Upload

    now = timezone.now()
    User.objects.create_user("ines", password="correct horse battery")
    connection = Connection.objects.create(name="Berlin", generation="v4", base_url="https://cc-test01.voiso.com", key="k" * 32)
    lane = Lane.objects.create(address="https://cc-test01.voiso.com:443", voiso_id="1")
    campaign = Campaign.objects.create(connection=connection, lane=lane, voiso_id="1", name="Spring", live=True, changed_at=now)
    began = time.monotonic()
    draft, warned = _draft(campaign, rows)
    print(json.dumps({"rows": rows, "seconds_to_write": round(time.monotonic() - began, 1)}), flush=True)  # noqa: T201
    fields = ("phone", "name", "source", "url", "priority")
    return Upload.objects.create(
        campaign=campaign,
        stage=Upload.Stage.CHECKED,
        received_at=now,
        by_label="Ines Sousa",
        file_name="leads.csv",
        file_size=90 * rows,
        check_rules=rules_in_force(),
        rows=rows,
        draft=draft,
        facts={"columns": HEADER, "header_row": 1, "delimiter": ",", "encoding": "utf-8"},
        mapping=to_json({name: from_column(at, By.NAME) for at, name in enumerate(fields)}),
        notices={"ready_with_warnings": warned, "flag_columns": [5]},
    )


def _draft(campaign: Any, rows: int) -> "tuple[Push, dict[str, Any]]":
    from voisoadmin.contacts.packing import PackedRow
    from voisoadmin.pushes.drafts import DraftWriter

    writer = DraftWriter(campaign, kind="add", by=None, by_label="Ines Sousa")
    problem = {"code": "too_short", "field": "phone", "sentence": "The number is too short for its country.", "advice": ""}
    for at in range(rows):
        number = f"4474{at:08}"
        name, url = f"Zoe Miller {at}", f"https://crm.example/contact/{at}"
        cells = [f"+{number}", name, "Spring fair", url, "5", f"note {at}"]
        row = PackedRow(at + 2, cells, number, {"name": name, "source": "Spring fair", "url": url, "priority": 5})
        if at % 50 == 7:
            writer.add_invalid(at + 2, ["+44 74", *cells[1:]], [problem], "+44 74", name)
        elif at % 20 == 8:
            writer.add_left_out(row._replace(first_row=2), "same_number_in_file")
        elif at % 1000 == 9:
            writer.add_left_out(row, "known_here")
        elif at % 5000 == 10:
            writer.add_left_out(row, "flagged_in_file")
        else:
            writer.add_ready(row, (WARNING,) if at % 500 == 11 else ())
    return writer.finish(), {"rows": writer.warned, "codes": dict(writer.warnings)}


def _measured(upload: "Upload", tab: str, arguments: argparse.Namespace) -> bool:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from voisoadmin.accounts.models import User

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get())
    places = {"first": -1, "middle": arguments.rows // 2, "last": arguments.rows - 60}
    seconds: dict[str, float] = {}
    opened, busy = 0, 0.0
    for place, after in places.items():
        address = f"/uploads/{upload.pk}/?tab={tab}" + (f"&after={after}" if after >= 0 else "")
        with CaptureQueriesContext(connection) as seen:
            client.get(address, secure=True)
        opened = max(opened, sum('"pushes_batch"."rows"' in one["sql"] for one in seen))
        taken, began_at = [], time.process_time()
        for _ in range(arguments.times):
            began = time.perf_counter()
            answer = client.get(address, secure=True)
            taken.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.status_code
        busy += time.process_time() - began_at
        seconds[place] = sorted(taken)[int(0.95 * (len(taken) - 1))]
    kept = max(seconds.values()) <= PROMISED_SECONDS and opened <= PROMISED_BATCHES
    milliseconds = {place: round(1000 * value, 1) for place, value in seconds.items()}
    cpu = round(1000 * busy / (len(places) * arguments.times), 1)  # of one page, whatever else the machine does
    print(json.dumps({"tab": tab, "p95_ms": milliseconds, "cpu_ms": cpu, "batches": opened, "kept": kept}), flush=True)  # noqa: T201
    return kept


if __name__ == "__main__":
    main()
