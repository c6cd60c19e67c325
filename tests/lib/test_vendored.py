import hashlib
import re
from pathlib import Path

from voisoadmin.lib.places import STATIC

VENDOR: Path = STATIC / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \| [^|]+ \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_vendored_file_is_the_one_that_the_list_records():
    recorded = dict(ROW.findall((VENDOR / "VENDORED.md").read_text(encoding="utf-8")))

    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir() if path.name != "VENDORED.md"
    }

    sprite = VENDOR.parent / "icons.svg"  # vendored drawings, in a file of ours
    found["../icons.svg"] = hashlib.sha256(sprite.read_bytes()).hexdigest()
    assert found == recorded
    assert len(found) == 5


def test_no_static_file_names_a_source_map_or_a_foreign_address():
    for path in (STATIC).rglob("*"):
        if path.suffix in {".css", ".js"}:
            text = path.read_text(encoding="utf-8")
            assert "sourceMappingURL" not in text, path
            assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", text), path
