"""Databases of the server that tests share."""

from chargehand.embedded.addresses import DatabaseUrls


def name_of(urls: DatabaseUrls) -> str:
    """The name of a database on the server that has it."""
    return urls.app.partition("@/")[2].partition("?")[0]
