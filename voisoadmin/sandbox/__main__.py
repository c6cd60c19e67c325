"""`python -m voisoadmin.sandbox --port 8100 --state sandbox.json`: a contact centre on the loopback, until it is stopped."""

import argparse
import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from voisoadmin.sandbox.app import Sandbox
from voisoadmin.sandbox.server import LoopbackServer
from voisoadmin.sandbox.simulation import tick

SAVE_SECONDS = 10.0


def main() -> int:
    options = _options()
    if options.state and options.state.exists():
        sandbox = Sandbox.load(options.state, time_scale=options.time_scale)
    else:
        sandbox = Sandbox(time_scale=options.time_scale)
    for setting in options.behaviour:
        name, _, value = setting.partition("=")
        setattr(sandbox.behaviour, name, json.loads(value))
    try:
        server = LoopbackServer(sandbox, port=options.port)
    except OSError as problem:
        print(f"Port {options.port} of 127.0.0.1 cannot be used: {problem.strerror}.", file=sys.stderr)  # noqa: T201
        return 1
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
    if options.port == 0:
        print(server.server_port, flush=True)  # noqa: T201  # the caller reads which free port it became
    _live(sandbox, options, stop)
    server.shutdown()
    if options.state:
        sandbox.save(options.state)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m voisoadmin.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1; 0 takes a free one and prints it")
    parser.add_argument("--state", type=Path, help="file that the contact centre is kept in")
    parser.add_argument("--time-scale", type=float, default=1.0, help="multiplies all durations of Voiso")
    parser.add_argument("--simulate", action="store_true", help="agents log in and out, calls happen")
    parser.add_argument(
        "--behaviour", action="append", default=[], metavar="NAME=JSON", help="see behaviour.py; may be repeated"
    )
    parser.add_argument("--parent", type=int, default=0, help="process id; the sandbox ends when that process has ended")
    return parser.parse_args()


def _live(sandbox: Sandbox, options: argparse.Namespace, stop: threading.Event) -> None:
    chance = random.Random()
    save_at, changed = time.monotonic() + SAVE_SECONDS, True
    seen = sandbox.centre.next_request
    while not stop.wait(1.0):
        if options.parent and os.getppid() != options.parent:
            return
        calls = tick(sandbox, chance) if options.simulate else 0
        changed = changed or bool(calls) or sandbox.centre.next_request != seen
        if options.state and changed and time.monotonic() >= save_at:
            seen, changed = sandbox.centre.next_request, False
            sandbox.save(options.state)
            save_at = time.monotonic() + SAVE_SECONDS


if __name__ == "__main__":
    sys.exit(main())
