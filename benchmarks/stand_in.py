"""The simulated Voiso for a benchmark, in a separate process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def sandbox(*, time_scale: float) -> Iterator[str]:
    """Yields its host and port; it ends with the block, or with this process."""
    command = [sys.executable, "-m", "voisoadmin.sandbox", "--time-scale", str(time_scale), "--parent", str(os.getpid())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()
            process.wait(20)
