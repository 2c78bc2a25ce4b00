"""The database that the migrations make is the one that the tables declare, and the app's role is a plain one."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from chargehand.embedded.addresses import DatabaseUrls
from storage import migrate, revision
from storage.tables import metadata

NOT_OURS = {"alembic_version", "test_clock"}


def test_the_migrated_database_is_what_the_tables_declare(database_urls: DatabaseUrls) -> None:
    engine = create_engine(database_urls.owner)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
        stands_at = revision.current(connection)
    engine.dispose()

    assert [one for one in found if not _is_known(one)] == []
    assert stands_at == migrate.head() == revision.HEAD


def _is_known(difference: object) -> bool:
    return isinstance(difference, tuple) and difference[0] == "remove_table" and difference[1].name in NOT_OURS


def test_migrating_again_changes_nothing(database_urls: DatabaseUrls) -> None:
    migrate.upgrade(database_urls.owner)
    migrate.upgrade(database_urls.owner)


def test_every_table_but_the_clock_and_the_revision_stands_behind_row_level_security(
    database_urls: DatabaseUrls,
) -> None:
    engine = create_engine(database_urls.owner)
    query = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    with engine.connect() as connection:
        bare = set(connection.execute(text(f"{query} and not relrowsecurity")).scalars())
        owned = connection.execute(text(f"{query} and pg_get_userbyid(relowner) = 'chargehand_app'")).scalars()
        role = connection.execute(
            text("select rolsuper, rolbypassrls from pg_roles where rolname = 'chargehand_app'")
        ).one()
        assert list(owned) == []
    engine.dispose()

    assert bare == NOT_OURS
    assert tuple(role) == (False, False)
