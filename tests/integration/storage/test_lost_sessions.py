"""A session that the server ended is told as such, whatever was under way on it."""

from contextlib import AbstractContextManager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage.database import BoundConnection, Unit
from tests.builders import House

ENDED = text("select pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize("way", [BoundConnection.transaction, BoundConnection.statement])
def test_a_session_that_is_lost_is_said_to_be_lost(office: House, way: object) -> None:
    with office.deployment.database.bound("morning") as connection:
        connection.now()
        begun: AbstractContextManager[Unit] = way(connection)  # type: ignore[operator]

        with pytest.raises(OperationalError) as lost, begun as unit:
            unit.connection.execute(ENDED)

        assert lost.value.connection_invalidated
