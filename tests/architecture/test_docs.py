"""What docs/ and the pages beside it say is true of the tree: generated parts, files, commands, tests and decisions."""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator

from contracts.loading.pages import read_page
from storage import failpoints
from tests.architecture import generated, reference
from tests.architecture.sources import FLOORS, ROOT, names_of_tests
from tests.architecture.tutorial import written_in
from tests.builders import MORNING

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
EXAMPLES = ROOT / "examples"
PARTS = ["Context", "Decision", "Consequence", "Refused", "Kept by"]
MOST_LINES = 40

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
FILE = re.compile(
    r"(?:[\w.-]+/)+[\w.-]+\.(?:py|md|yaml|html|css|toml|lock|png)|(?:README|CONTRIBUTING|SECURITY|CHANGELOG)\.md"
)
DOTTED = re.compile(rf"`((?:{'|'.join(FLOORS)})\.[a-z_]+(?:\.\w+)*)(?:\(\))?`")
COMMAND = re.compile(r"\bchargehand ([a-z]+)\b")
SCRIPT = re.compile(r"(?<!venv/)\bbin/([a-z]+(?:-[a-z]+)*)\b")
TEST = re.compile(r"\btest_\w+")
LINK = re.compile(r"\]\(([^)\s]+)\)")
OF_A_MACHINE = re.compile(r"/(?:work|home|root|Users)/|p[y]pi\.o[r]g|pythonhoste[d]|registry\.|[A-Z]:\\\\")


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(params=PAGES, ids=_name)
def page(request: pytest.FixtureRequest) -> Path:
    """Each page in turn."""
    found: Path = request.param
    return found


def test_what_is_read_off_the_code_is_as_the_code_has_it(page: Path) -> None:
    """If not: python -m tests.architecture.generated."""
    assert _text(page) == generated.fresh(_text(page))


def test_the_schemas_for_editors_are_as_the_models_have_them() -> None:
    """If not: python -m tests.architecture.generated."""
    kept = {path.name: _text(path) for path in reference.SCHEMAS.glob("*")}

    assert kept == reference.schema_files()


@pytest.mark.parametrize("file", [*EXAMPLES.glob("*/company.yaml"), *EXAMPLES.glob("*/lanes/*/lane.yaml")], ids=_name)
def test_editors_find_nothing_wrong_with_the_examples(file: Path) -> None:
    schema = json.loads(reference.schema_files()[f"{file.stem}.json"])

    Draft202012Validator(schema).validate(read_page(file.name, file.read_bytes()).data)


def test_every_part_that_can_be_generated_stands_somewhere() -> None:
    stands = {found[2] for page in PAGES for found in generated.BLOCK.finditer(_text(page))}

    assert stands == set(generated.PARTS)


def test_every_link_leads_to_a_file(page: Path) -> None:
    links = (link.partition("#")[0] for link in LINK.findall(_text(page)) if "://" not in link)

    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_every_file_that_is_named_is_there(page: Path) -> None:
    text = _text(page)
    named = {path for code in CODE.findall(text) for path in FILE.findall(code) if "NAME" not in path}
    written = {file for file, _ in written_in(text)}

    lost = {path for path in named if not any((root / path).exists() for root in (ROOT, MORNING, page.parent))}
    assert lost - written == set()


def test_every_name_in_the_code_that_is_named_is_there(page: Path) -> None:
    named = {name for name in DOTTED.findall(_text(page)) if name not in failpoints.NAMES}

    assert {name for name in named if not _is_there(name)} == set()


def _is_there(name: str) -> bool:
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        return _has(found, parts[count:])
    return False


def _has(found: object, names: list[str]) -> bool:
    for name in names:
        if not hasattr(found, name):
            return False
        found = getattr(found, name)
    return True


def test_every_command_that_is_named_is_there(page: Path) -> None:
    blocks = (code for code in CODE.findall(_text(page)) if not code.startswith(("```sql", "```python")))
    code = "\n".join(blocks)

    assert set(COMMAND.findall(code)) <= {name.partition(" ")[0] for name in generated.commands()}
    assert {name for name in SCRIPT.findall(code) if not (ROOT / "bin" / name).exists()} == set()


def test_every_test_that_is_named_is_there(page: Path) -> None:
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}

    assert set(TEST.findall(_text(page))) <= names_of_tests() | files


def test_no_page_knows_a_machine_or_a_registry(page: Path) -> None:
    assert OF_A_MACHINE.findall(_text(page)) == []


def test_the_glossary_defines_each_word_once() -> None:
    words = list(_glossary())

    assert len(words) == len(set(words))
    assert words


def test_the_glossary_defines_the_vocabulary() -> None:
    assert set(_glossary()) >= set(VOCABULARY)


def _glossary() -> Iterator[str]:
    rows = re.findall(r"^\| \*\*([^*]+)\*\* \|", _text(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    return (word.strip() for row in rows for word in row.split(","))


VOCABULARY = (
    *("company", "workspace", "portfolio", "lane", "workflow", "worker", "task", "Slack team", "person", "request"),
    *("step", "attempt", "runner", "shift", "contract", "rule", "verdict", "facts", "effect", "intended", "performed"),
    *("verified", "done", "outcome", "success", "landed", "artifact", "record", "evidence", "decision", "card"),
    *("approval", "escalation", "clarification", "gate", "ladder", "rung", "move", "peer", "delegation packet"),
    *("handoff", "hand over", "absence", "blocker", "prerequisite", "quality gate", "stage", "tier", "standing"),
    *("fitness", "outbox", "audit trail", "subject", "lane owner", "task owner"),
)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_says_what_keeps_it(decision: Path) -> None:
    text = _text(decision)

    assert text.count("\n") <= MOST_LINES
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert TEST.search(text.partition("## Kept by")[2]) or "bin/check" in text.partition("## Kept by")[2]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(decision.name[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert all(_name(decision).removeprefix("docs/") in _text(ROOT / "docs" / "README.md") for decision in DECISIONS)


def test_every_applying_item_of_the_security_standard_has_a_test_or_a_reason() -> None:
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \|(.+)\|(.+)\|$", _text(ROOT / "docs" / "security.md"), re.MULTILINE)

    assert len(rows) >= 30
    assert [item for item, _, proof in rows if not (TEST.search(proof) or proof.strip().startswith("because "))] == []
    assert len({item for item, _, _ in rows}) == len(rows)
