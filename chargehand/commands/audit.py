"""`chargehand audit`: the audit trail as a file for others, and its verification."""

from contextlib import closing
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chargehand.commands.options import AsJson, OfCompany, print_json, task_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chargehand.verify_audit import Proof

audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Export the audit trail, or verify it.")


@audit.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to, one JSON document a line.", dir_okay=False)],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="From the last checkpoint before, UTC."),
    ] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Write a company's audit trail with its checkpoints to a file that can be verified without us."""
    from chargehand.commands.opening import opened
    from storage.sealed import documents

    begin = since.replace(tzinfo=UTC) if since else None
    with opened(company) as (deployed, chosen):
        lines = _written(file, documents(deployed.database, chosen, since=begin))
    if json:
        print_json({"file": str(file), "company": chosen, "lines": lines})
    else:
        typer.echo(f"{lines} lines in {file}.")


@audit.command()
def follow(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it goes on where it ends.", dir_okay=False)],
    every: Annotated[float, typer.Option(metavar="SECONDS", help="How often to look.", min=0.1, max=3600)] = 5.0,
    company: OfCompany = None,
) -> None:
    """Put a company's audit trail into a file as it is sealed, until it is stopped: for whatever ships logs from here."""
    from time import sleep

    from chargehand.commands.opening import opened
    from chargehand.growing_log import follow as grow

    told = [True]

    def goes_on(answered: bool) -> bool:
        if answered != told[0]:
            typer.echo("The database answers again." if answered else "The database is away; waiting for it.", err=True)
        told[0] = answered
        sleep(every)
        return True

    with opened(company) as (deployed, chosen):
        typer.echo(f"The audit log of {chosen} grows into {file}. Ctrl-C ends it.", err=True)
        try:
            grow(deployed.database, chosen, file, goes_on=goes_on)
        except KeyboardInterrupt:
            raise typer.Exit from None


@audit.command()
def certify(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Such as T-1042.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to, one JSON document.", dir_okay=False)],
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Write a certificate of one task: its whole trail, proven to be in the sealed log, to be verified without us."""
    from chargehand.commands.opening import opened
    from chargehand.composition import signer
    from chargehand.settings import Settings
    from storage.certifying import certify as made

    with opened(company) as (deployed, chosen):
        document = made(deployed.database, signer(Settings.load()), chosen, task_number(task))
    _put(file, [f"{dumps(document, ensure_ascii=False, indent=1)}\n"])
    claims = document["claims"]
    if json:
        print_json({"file": str(file), **claims})
    else:
        typer.echo(f"All {claims['length']} entries of {claims['task']} in {file}.")


@audit.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="An exported trail, or a certificate.", exists=True)
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="The trail in the database, and the heads kept in home.")
    ] = False,
    key: Annotated[list[str] | None, typer.Option(help="A public key that may have signed; else our own.")] = None,
    checkpoint: Annotated[list[Path] | None, typer.Option(help="A checkpoint kept elsewhere.", exists=True)] = None,
    company: OfCompany = None,
    json: AsJson = False,
) -> None:
    """Verify chains, log, signatures and kept checkpoints; name the first thing that is wrong."""
    from chargehand import verify_audit, verify_certificate

    if live == (file is not None):
        raise typer.BadParameter("name a FILE, or --live for the database")
    if file is not None and verify_certificate.is_one(file):
        _verify_certificate(file, key, json=json)
        return
    kept = [document for path in checkpoint or [] for document in verify_audit.read(path)]
    try:
        proof = _of_file(file, key, kept) if file else _of_database(company, key, kept)
    except verify_audit.Wrong as wrong:
        if not json:
            raise
        print_json({"whole": False, "wrong": str(wrong)})
        raise typer.Exit(1) from wrong
    if json:
        told = ("company", "entries", "size", "unsealed", "erased", "checkpoints", "checkpoint", "root", "keys")
        print_json({"whole": True, **{name: getattr(proof, name) for name in told}})
    else:
        typer.echo(verify_audit.sentence(proof))


def _written(file: Path, documents: "Iterable[Mapping[str, Any]]") -> int:
    """Write the documents, one a line; how many."""
    from chargehand.growing_log import line

    return _put(file, (line(document) for document in documents))


def _put(file: Path, texts: "Iterable[str]") -> int:
    """Write the texts, none of them empty, and put the file into place when it is whole; how many."""
    draft = file.with_name(f".{file.name}.draft")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8") as out:
        many = sum(out.write(text) > 0 for text in texts)
    draft.replace(file)
    return many


def _verify_certificate(file: Path, keys: list[str] | None, *, json: bool) -> None:
    from chargehand import verify_certificate
    from chargehand.composition import signer
    from chargehand.settings import Settings

    try:
        document = verify_certificate.read(file)
        claims = verify_certificate.verify(document, keys=keys or [signer(Settings.load()).public])
    except verify_certificate.Wrong as wrong:
        if not json:
            raise
        print_json({"whole": False, "wrong": str(wrong)})
        raise typer.Exit(1) from wrong
    print_json({"whole": True, **claims}) if json else typer.echo(verify_certificate.sentence(claims))


def _of_file(file: Path, keys: list[str] | None, kept: list["Mapping[str, Any]"]) -> "Proof":
    from chargehand.composition import signer
    from chargehand.settings import Settings
    from chargehand.verify_audit import read, verify

    return verify(read(file), keys=keys or [signer(Settings.load()).public], kept=kept)


def _of_database(company: str | None, keys: list[str] | None, kept: list["Mapping[str, Any]"]) -> "Proof":
    from chargehand.commands.opening import opened
    from chargehand.composition import signer
    from chargehand.heads import kept_of
    from chargehand.settings import Settings
    from chargehand.verify_audit import verify
    from storage.sealed import documents

    ours = [signer(Settings.load()).public]
    with opened(company) as (deployed, chosen):
        known = kept_of(deployed.home, chosen)
        for path in known.unreadable:
            typer.echo(f"{path} can't be read: it was cut or changed. The others are used.", err=True)
        with closing(documents(deployed.database, chosen)) as lines:
            return verify(lines, keys=keys or ours, kept=[*kept, *known.documents])
