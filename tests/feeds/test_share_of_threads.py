"""At most a quarter of the web server's threads serve programs; what finds none in time is refused without a thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from voisoadmin.runtime.server.program_calls import Busy, ThreadShare

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def quick(settings):
    settings.TIME_SCALE = 0.01


@pytest.mark.parametrize(("threads", "share"), [(16, 4), (8, 2), (2, 1)])
def test_a_quarter_of_the_threads_is_given_out_and_more_wait_or_are_refused(threads, share):
    async def play() -> tuple[int, int]:
        calls, given, busy = ThreadShare(threads), [], 0
        for _ in range(share):
            async with calls.slot() as release:
                given.append(release)
        try:
            async with calls.slot():
                pytest.fail("one more than the share was given out")
        except Busy:
            busy += 1
        given.pop()()  # a thread has ended
        async with calls.slot():
            return len(given) + 1, busy

    with ThreadPoolExecutor(1) as thread:  # the browser's tests leave a loop in this one
        assert thread.submit(asyncio.run, play()).result() == (share, 1)
