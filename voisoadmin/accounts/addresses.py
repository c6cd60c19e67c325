"""Where a request comes from, as far as it can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NETWORK = 64  # of IPv6: one line of a household or an office has all of these addresses


def client_address(request: HttpRequest) -> str:
    """The address of the browser; empty behind a proxy, where no setting says how many there are.

    Each proxy adds to X-Forwarded-For, on its right, the address that it was called from. What is further left
    came with the request, and anyone can write it.
    """
    if settings.PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        return _clean(hops[-settings.PROXIES]) if len(hops) >= settings.PROXIES else ""
    if settings.TRUST_PROXY:
        return ""
    return _clean(request.META.get("REMOTE_ADDR", ""))


def network_of(address: str) -> str:
    """What tries are counted by: the address itself, of IPv6 its network."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{NETWORK}", strict=False).network_address)


def _clean(text: str) -> str:
    """Of `203.0.113.7:4711` or `[2001:db8::1]:4711` only the address; empty for what is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
