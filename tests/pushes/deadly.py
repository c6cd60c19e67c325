"""A transport on which this process can die, just before or just after Voiso received the request, or freeze during it."""

import threading

import httpx

from tests.support.sandbox import SandboxTransport, normal


class Death(BaseException):
    """The process ends here: nothing after it runs, but the kernel frees its locks."""


class Fate:
    """What happens to the next request with contacts."""

    next = ""  # before, after
    frozen = threading.Event()
    thaw = threading.Event()


class DeadlyTransport(SandboxTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return super().handle_request(request)
        fate, Fate.next = Fate.next, ""
        if fate == "before":
            raise Death
        response = super().handle_request(request)
        if fate == "after":
            raise Death
        if fate == "freeze":
            Fate.frozen.set()
            assert Fate.thaw.wait(120)
        return response


def deadly_transport(base_url: str) -> httpx.BaseTransport:
    return DeadlyTransport(normal(base_url))
