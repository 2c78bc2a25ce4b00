"""`chargehand up`, `settings`, `migrate` and `failpoints`: the deployment itself."""

import typer

from chargehand.commands.options import AsJson, print_json, print_table


def up() -> None:
    """Run everything on this machine under one parent, until Ctrl-C."""
    from chargehand.business_files import load_folders
    from chargehand.settings import Settings
    from chargehand.up import up as run

    settings = Settings.load()
    raise typer.Exit(run(settings, list(load_folders(settings.business_folders).values())))


def settings(json: AsJson = False) -> None:
    """Print every setting with its value (secrets masked) and where it came from."""
    from chargehand.settings import Settings

    found = Settings.load().sources()
    if json:
        print_json([{"name": one.name, "value": one.shown, "from": one.origin} for one in found])
        return
    print_table(("setting", "value", "from", "meaning"), [(s.name, s.shown, s.origin, s.meaning) for s in found])


def migrate(json: AsJson = False) -> None:
    """Bring the database of DATABASE_OWNER_URL to the shape that this version needs."""
    from chargehand.settings import BadSettings, Settings
    from storage.migrate import head, upgrade

    found = Settings.load()
    if found.database_owner_url is None:
        raise BadSettings("DATABASE_OWNER_URL is not set: migrations are done by the owner's role.")
    upgrade(found.database_owner_url.get_secret_value(), test_clock=found.test)
    print_json({"revision": head()}) if json else typer.echo(f"The database is at revision {head()}.")


def failpoints(json: AsJson = False) -> None:
    """List the places where CHARGEHAND_FAILPOINT can kill a process."""
    from storage.failpoints import NAMES

    if json:
        print_json(NAMES)
        return
    typer.echo("\n".join(NAMES))
