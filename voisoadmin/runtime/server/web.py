"""`python -m voisoadmin.runtime.server.web --bind ...`: the server of `serve` and `demo`, which ends when they do."""

import argparse
import signal
import sys

import uvicorn

from voisoadmin.lib.one_process import answers_all_requests
from voisoadmin.runtime.children import end_with_parent
from voisoadmin.runtime.server.front import Front
from voisoadmin.runtime.server.lines import BACKLOG, Lines, most_lines, protocol
from voisoadmin.runtime.supervisor import parse_bind
from voisoadmin.wsgi import application

# So soon, a thread that waited for its database gets the interpreter back from one that makes a page. Python's preset is five
# times as long, and a post of leads waits a dozen times while others wait for its lock.
SWITCH_SECONDS = 0.001


def config(bind: str, *, threads: int) -> uvicorn.Config:
    host, port = parse_bind(bind)
    lines = Lines(most_lines())
    return uvicorn.Config(
        Front(application, threads=threads, lines=lines),
        host=host,
        port=port,
        http=protocol(lines),
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,  # Django's settings decide what to trust
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",  # its warnings are about requests of scanners
        backlog=BACKLOG,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=25,
        h11_max_incomplete_event_size=32 * 1024,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", required=True)
    parser.add_argument("--threads", type=int, required=True)
    end_with_parent()
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_SECONDS)
    answers_all_requests.set()
    # uvicorn passes the signal on after an orderly end; before it listens, it just ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.Server(config(options.bind, threads=options.threads)).run()


if __name__ == "__main__":
    main()
