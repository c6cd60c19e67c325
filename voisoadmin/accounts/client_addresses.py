"""Where a request comes from, as far as we can know."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NETWORK = 64  # of IPv6: one line of a household or an office has all of these addresses


def client_address(request: HttpRequest) -> str:
    """The address of the browser; empty behind a proxy if no setting gives the number of proxies.

    Each proxy appends to X-Forwarded-For the address that called it. Anything further left came with the request and can
    be forged.
    """
    if settings.PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        return _clean(hops[-settings.PROXIES]) if len(hops) >= settings.PROXIES else ""
    if settings.TRUST_PROXY:
        return ""
    return _clean(request.META.get("REMOTE_ADDR", ""))


def network_of(address: str) -> str:
    """The key for counting attempts: the address; for IPv6 its network."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{NETWORK}", strict=False))


def _clean(text: str) -> str:
    """The address only, of `203.0.113.7:4711` or `[2001:db8::1]:4711`; empty if invalid."""
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
