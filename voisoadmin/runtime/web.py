"""`python -m voisoadmin.runtime.web --bind ...`: gunicorn as `serve` and `demo` run it, ending when they do."""

import argparse

from gunicorn.app.base import BaseApplication

from voisoadmin.runtime.children import end_with_parent
from voisoadmin.wsgi import application


class Web(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self.options.bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": self.options.threads,
            # For the single process: a thread receiving 300 MB must not get it killed, and gthread has its own heartbeat.
            "timeout": 120,
            "graceful_timeout": 25,
            "control_socket_disable": True,
            "proc_name": "voisoadmin web",
            "loglevel": "warning",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return application


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", required=True)
    parser.add_argument("--threads", type=int, required=True)
    end_with_parent()
    Web(parser.parse_args()).run()
