"""An HTTP client for loopback, which loads no certificates: to read them takes longer than many a test."""

import ssl
from typing import Any

import httpx2

_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def plain_client(**options: Any) -> httpx2.Client:
    """A client that speaks HTTP, patiently; a server's certificate would be refused.

    It keeps no connection: a server that stood still for a while may close one just as it is used again.
    """
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(verify=_NO_CERTIFICATES, **{"timeout": 60.0, "limits": limits, **options})
