"""A URL keeps the limits that it sets itself; the others are ours."""

from storage.silence import limits


def test_what_an_address_says_itself_stands() -> None:
    found = limits("postgresql+psycopg://app@db/chargehand?connect_timeout=30&tcp_user_timeout=0", keepalives_idle=7)

    assert {"connect_timeout", "tcp_user_timeout"}.isdisjoint(found)
    assert (found["keepalives_idle"], found["keepalives_interval"]) == (7, 5)
