"""The command line: one word for each thing that an operator does."""

import sys

import typer

from chargehand.commands.access import page, token
from chargehand.commands.approvals import approvals
from chargehand.commands.artifacts import artifacts
from chargehand.commands.audit import audit
from chargehand.commands.backtest import backtest
from chargehand.commands.business import lanes, publish
from chargehand.commands.check import check
from chargehand.commands.deciding import away, back, decide, minutes
from chargehand.commands.delegations import delegations
from chargehand.commands.deliveries import deliveries
from chargehand.commands.deployment import failpoints, migrate, settings, up
from chargehand.commands.digest import digest
from chargehand.commands.doctor import doctor
from chargehand.commands.economics import kpis
from chargehand.commands.incidents import incidents
from chargehand.commands.mail import quarantine
from chargehand.commands.memory import heard, memory, remember
from chargehand.commands.process import clock, courier, mail, runner, web
from chargehand.commands.records import erase, reconcile
from chargehand.commands.rollout import compare, promote, rollback
from chargehand.commands.rule import rule
from chargehand.commands.standing import narrow, pause, resume, retire, stage, workers
from chargehand.commands.work import amend, brief, cancel, find, request, tasks, why

app = typer.Typer(add_completion=True, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
for command in (
    up,
    check,
    rule,
    settings,
    migrate,
    failpoints,
    request,
    decide,
    away,
    back,
    minutes,
    amend,
    cancel,
    tasks,
    find,
    why,
    brief,
    lanes,
    workers,
    pause,
    resume,
    narrow,
    stage,
    retire,
    compare,
    promote,
    rollback,
    kpis,
    approvals,
    delegations,
    backtest,
    digest,
    publish,
    quarantine,
    deliveries,
    artifacts,
    memory,
    remember,
    heard,
    erase,
    reconcile,
    doctor,
    token,
    page,
):
    app.command()(command)
app.add_typer(incidents, name="incidents")
app.add_typer(audit, name="audit")
for command in (web, runner, clock, courier, mail):
    app.command(hidden=True)(command)


def main() -> None:
    """Run a command; anything that people can mend is a sentence on stderr with status 1 (input) or 3 (a part)."""
    try:
        app()
    except Exception as error:
        from chargehand.commands.refusal import status_of

        status = status_of(error)
        if status is None:
            raise
        sys.stderr.write(f"{error}\n")
        raise SystemExit(status) from error
