"""A redirect is never followed, and neither key nor contacts are sent to its target."""

import pytest

from tests.voiso.conftest import KEY
from tests.voiso.servers import answer, server
from voisoadmin.voiso import Change, ContactFields, Redirected, open_client

CODES = ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize("code", CODES)
def test_the_target_of_a_redirect_gets_no_byte(settings, generation, code):
    with (
        server(answer(b"{}")) as second,
        server(answer(b"", status=code, headers=f"Location: {second.url}/elsewhere\r\n")) as first,
        open_client(generation=generation, base_url=first.url, key=KEY) as client,
    ):
        settings.EXTRA_HOSTS = [first.host, second.host]
        for call in (
            client.list_campaigns,
            lambda: client.add_contacts("4711", [ContactFields(number="447400123456")]),
            lambda: client.change("4711", Change.STOP),
        ):
            with pytest.raises(Redirected) as caught:
                call()
            assert second.url not in str(caught.value)

    assert first.connections == 3
    assert (second.connections, second.received) == (0, b"")
