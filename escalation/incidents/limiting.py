"""How often one visitor may have us mail an address that they typed in."""

from datetime import datetime
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.core.cache import cache

MOST_AN_HOUR = 10
HOUR = 3600


def may_ask(visitor: str, now: datetime) -> bool:
    """Counts this time too; the many addresses of one IPv6 line are one visitor."""
    key = f"incidents.asked.{_line(visitor)}.{int(now.timestamp()) // HOUR}"
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) <= MOST_AN_HOUR
    except ValueError:  # forgotten between the two
        return True


def _line(visitor: str) -> str:
    address = ip_address(visitor)
    if isinstance(address, IPv6Address):
        return IPv6Network((address, 64), strict=False).network_address.compressed
    return str(address)
