"""Where a contact centre may be: `https://<cluster>.voiso.com`, or a host in VOISOADMIN_EXTRA_HOSTS; nowhere else."""

import ipaddress
import re
from dataclasses import dataclass

from django.conf import settings

CLUSTER = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
VOISO_HOST = re.compile(rf"({CLUSTER})\.voiso\.com")
CLUSTER_ID = re.compile(CLUSTER)
VOISO_URL = re.compile(rf"(?:https://)?({CLUSTER})\.voiso\.com(?::443)?/?")
# Copied from a browser or from the documentation: with any path, or without the s of https.
VOISO_PAGE = re.compile(rf"(?:https?://)?({CLUSTER})\.voiso\.com(?::443|:80)?(?:[/?#].*)?", re.DOTALL)
OTHER_URL = re.compile(r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?/?")
DEFAULT_PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class UnusableAddress(ValueError):
    """The text typed isn't the address of a contact centre; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Origin:
    scheme: str
    host: str
    port: int

    @property
    def host_and_port(self) -> str:
        return f"{self.host}:{self.port}"

    def is_listed(self) -> bool:
        """Whether the installation allows this host besides Voiso's own, including plain HTTP and private addresses."""
        return self.host_and_port in {entry.strip().lower() for entry in settings.EXTRA_HOSTS}

    def is_voiso(self) -> bool:
        return self.scheme == "https" and self.port == 443 and VOISO_HOST.fullmatch(self.host) is not None


QUOTES = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb<>"


def without_quotes(text: str) -> str:
    """The text without blanks, quotes and angle brackets around it, as pasted from a chat or from code."""
    return text.strip(" " + QUOTES)


def normalise_base_url(text: str) -> str:
    """The base URL for a cluster ID or an allowed URL. Raises UnusableAddress."""
    text = without_quotes(text)
    if not text:
        raise UnusableAddress("Enter the cluster ID of your contact centre, for example cc-ams03.")
    # Before lower(): some letters of other scripts become Latin ones.
    text = text.lower() if text.isascii() else ""
    if CLUSTER_ID.fullmatch(text):
        return f"https://{text}.voiso.com"
    if match := VOISO_PAGE.fullmatch(text):
        return f"https://{match[1]}.voiso.com"
    if match := OTHER_URL.fullmatch(text):
        scheme, host = match[1], match[2]
        origin = Origin(scheme, host, int(match[3] or DEFAULT_PORTS[scheme]))
        if origin.is_listed():
            usual = origin.port == DEFAULT_PORTS[scheme]
            return f"{scheme}://{host}" if usual else f"{scheme}://{origin.host_and_port}"
        raise UnusableAddress(
            "This host isn't a Voiso cluster and isn't listed in VOISOADMIN_EXTRA_HOSTS. "
            "Enter only the cluster ID, for example cc-ams03."
        )
    raise UnusableAddress(
        "This isn't a cluster ID. It has lowercase letters, digits and hyphens, for example cc-ams03: "
        "the first part of your Voiso address."
    )


def cluster_of(base_url: str) -> str:
    """The cluster ID of one of Voiso's own addresses, as normalised; empty for another host."""
    match = VOISO_URL.fullmatch(base_url)
    return match[1] if match else ""


def origin_of(base_url: str) -> Origin:
    match = OTHER_URL.fullmatch(base_url)
    if match is None:
        raise UnusableAddress("The stored address of this contact centre is invalid. Enter it again.")
    return Origin(match[1], match[2], int(match[3] or DEFAULT_PORTS[match[1]]))


def address_of(base_url: str) -> str:
    """`scheme://host:port`, the same for every spelling of one address: the first half of a lane's name."""
    origin = origin_of(base_url)
    return f"{origin.scheme}://{origin.host_and_port}"


def is_public(address: str) -> bool:
    """Whether an IP address is on the open Internet, whatever it is wrapped in.

    The name is Voiso's, but a DNS server that lies can point it into our own network, where our request carries the key.
    Gateways of NAT64, 6to4 and Teredo deliver an IPv6 address to the IPv4 address inside it, which may be private.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified
