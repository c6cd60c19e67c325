"""A note in the data directory that it contains the demo. A real installation and the demo never share one."""

import json
from pathlib import Path

from django.conf import settings


def _path() -> Path:
    path: Path = settings.DATA_DIR / "demo.json"
    return path


def exists() -> bool:
    return _path().exists()


def read() -> dict[str, int]:
    """The ports of the sandboxes, by name; empty before the first start."""
    if not exists():
        return {}
    noted: dict[str, int] = json.loads(_path().read_text(encoding="utf-8"))
    return noted


def write(ports: dict[str, int]) -> None:
    _path().write_text(json.dumps(ports), encoding="utf-8")
