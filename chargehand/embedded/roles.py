"""The three roles of an embedded server: one for the launcher, one that owns and migrates, one plain for the app."""

from psycopg import Connection, sql

from chargehand.embedded.addresses import APP, OWNER, Passwords

PLAIN = sql.SQL("login nosuperuser nocreatedb nocreaterole nobypassrls")


def provision(connection: Connection[tuple[object, ...]], passwords: Passwords, *, database: str) -> None:
    """Make the roles and the first database where they are missing; `connection` is the launcher's, autocommit."""
    for role, password in ((OWNER, passwords.owner), (APP, passwords.app)):
        _ensure_role(connection, role, password)
    found = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
    if found is None:
        create_database(connection, database, template="template0")


def create_database(connection: Connection[tuple[object, ...]], name: str, *, template: str) -> None:
    """Make a database for the owner role that only our two roles may enter."""
    name_, owner, app = sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(APP)
    connection.execute(
        sql.SQL("create database {} owner {} template {} strategy file_copy").format(
            name_, owner, sql.Identifier(template)
        )
    )
    connection.execute(sql.SQL("revoke all on database {} from public").format(name_))
    connection.execute(sql.SQL("grant connect on database {} to {}").format(name_, app))


def _ensure_role(connection: Connection[tuple[object, ...]], role: str, password: str) -> None:
    found = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = sql.SQL("create role {} {} password {}") if found is None else sql.SQL("alter role {} {} password {}")
    connection.execute(verb.format(sql.Identifier(role), PLAIN, sql.Literal(password)))
