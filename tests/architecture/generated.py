"""Makes the parts of docs/ that are read off the code; run it as `python -m tests.architecture.generated`."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from prometheus_client.metrics_core import Metric

from chargehand.cli import app
from chargehand.settings import Settings
from contracts import answers, lifecycle, vocabulary
from contracts.rules import OPERATORS
from gateway.counts import make_counts
from storage import failpoints
from storage.database import Database
from tests.architecture import reference
from tests.architecture.sources import FLOORS, ROOT, sources

DOCS = ROOT / "docs"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)
MADE = {
    **dict.fromkeys(("secret", "audit_key", "mail_inbound_secret"), "made at first run, kept in home"),
    **dict.fromkeys(("database_url", "database_owner_url"), "embedded PostgreSQL"),
    **dict.fromkeys(("slack_bot_token", "slack_signing_secret"), "the sandbox's"),
    "redis_url": "embedded Valkey",
    "slack_api_url": "the sandbox's, else Slack's",
    "listen": "127.0.0.1 and the URL's port",
}
READ_AS = {"business": "business_folders", "listen": "listens_on"}
NOWHERE = "postgresql+psycopg:///nowhere?host=/nowhere"


def main() -> None:
    """Write every generated part anew."""
    for page in sorted(DOCS.glob("*.md")):
        page.write_text(fresh(page.read_text(encoding="utf-8")), encoding="utf-8")
    for name, text in reference.schema_files().items():
        (reference.SCHEMAS / name).write_text(text, encoding="utf-8")


def fresh(page: str) -> str:
    """A page with its generated parts as the code has them now; raises KeyError for a part that nobody makes."""
    return BLOCK.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", page)


def _diagram() -> str:
    return f"```mermaid\n{lifecycle.diagram()}```\n"


def _words() -> str:
    kinds = [
        kind
        for kind in vars(vocabulary).values()
        if inspect.isclass(kind) and kind.__module__ == "contracts.vocabulary"
    ]
    rows = ((kind.__name__, ", ".join(kind), kind.__doc__ or "") for kind in kinds if issubclass(kind, StrEnum))
    return _table(("list", "words", "what they say"), rows)


def _operators() -> str:
    rows = (
        (f"`{one.name}`".replace("|", "\\|"), one.arguments_in_words(), f"`{one.example}`")
        for one in OPERATORS.values()
    )
    return _table(("operator", "takes", "such as"), rows)


def _settings() -> str:
    unread = unread_settings()
    fields = Settings.model_fields.items()
    rows = (
        (
            f"`{field.validation_alias}`",
            MADE.get(name) or _default(field.default),
            _meaning(name, field.description, unread),
        )
        for name, field in fields
    )
    return _table(("setting", "default", "meaning"), rows)


def _default(value: object) -> str:
    return "none" if value is None else f"`{value}`"


def _meaning(name: str, said: str | None, unread: set[str]) -> str:
    return f"{said} (kept for later: nothing reads it yet)" if name in unread else str(said)


def unread_settings() -> set[str]:
    """The settings that are declared and that no process of ours uses yet."""
    texts = "\n".join(source.text for source in sources(*FLOORS) if source.path != "chargehand/settings.py")
    read = set(re.findall(r"\b(?:settings|found)\.([a-z_]+)", texts))
    return {name for name in Settings.model_fields if READ_AS.get(name, name) not in read}


def _commands() -> str:
    rows = ((f"`chargehand {name}`", says) for name, says in commands().items())
    return _table(("command", "what it does"), rows)


def commands() -> Mapping[str, str]:
    """Every command by name with its first line of help, the processes' hidden ones last."""
    return {name: str(inspect.getdoc(callback)).splitlines()[0] for name, callback in callbacks().items()}


def callbacks() -> Mapping[str, Callable[..., object]]:
    """What every command calls, by its name; one of a group is called "audit export"."""
    groups = [(f"{group.name} ", group.typer_instance) for group in app.registered_groups]
    shown = [("", command) for command in app.registered_commands if not command.hidden]
    grouped = [(name, command) for name, group in groups if group for command in group.registered_commands]
    hidden = [("", command) for command in app.registered_commands if command.hidden]
    return {
        f"{prefix}{command.name or getattr(command.callback, '__name__', '')}": command.callback
        for prefix, command in [*shown, *grouped, *hidden]
        if command.callback
    }


def _failpoints() -> str:
    return "".join(f"- `{name}`\n" for name in failpoints.NAMES)


def _metrics() -> str:
    rows = ((f"`{_scraped(metric)}`", str(metric.type), metric.documentation) for metric in metrics())
    return _table(("metric", "kind", "what it counts"), rows)


def _scraped(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def metrics() -> list[Metric]:
    """Every metric of the gateway, as a scrape without a database shows it."""
    database = Database(NOWHERE)
    try:
        return sorted(make_counts(database).registry.collect(), key=lambda metric: metric.name)
    finally:
        database.close()


def _table(titles: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "".join(f"| {' | '.join(' '.join(cell.split()) for cell in cells)} |\n" for cells in lines)


PARTS: Mapping[str, Callable[[], str]] = {
    "lifecycle": _diagram,
    "moves": lifecycle.as_table,
    "words": _words,
    "operators": _operators,
    "lane-reference": reference.lane_reference,
    "tree-reference": reference.tree_reference,
    "company-reference": reference.company_reference,
    "settings": _settings,
    "commands": _commands,
    "failpoints": _failpoints,
    "metrics": _metrics,
    "answers": answers.words_table,
    "cells": answers.cells_table,
}

if __name__ == "__main__":
    main()
