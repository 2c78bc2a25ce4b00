"""Mistakes in the Python of a business: what a function takes and gives, and what fails when it is loaded."""

import pytest

from tests.unit.contracts.small_business import told_after

# What stood there, what stands there now, and everything that is told of it.
STEPS = [
    pytest.param(
        "def look(request: Discount",
        "def look(request: Sale",
        [
            "workers.py:7:10 look › request | request is not there yet: state.sale is not written by an earlier step. A parameter is annotated Discount (request) or Desk (desk)."
        ],
        id="a state before it is written",
    ),
    pytest.param(
        "def look(request: Discount",
        "def look(request",
        [
            "workers.py:7:10 look › request | request has no annotation. A parameter is annotated Discount (request) or Desk (desk)."
        ],
        id="a parameter without annotation",
    ),
    pytest.param(
        "def look(request: Discount",
        "def look(request: str",
        [
            "workers.py:7:10 look › request | nothing of type str can be given to request. A parameter is annotated Discount (request) or Desk (desk)."
        ],
        id="a parameter of an unknown type",
    ),
    pytest.param(
        "def look(request: Discount",
        "def look(*request: Discount",
        ["workers.py:7:11 look › request | request has no fixed name. Name every parameter."],
        id="a parameter without a fixed name",
    ),
    pytest.param(
        "-> Sale:",
        "-> Given:",
        [
            "workers.py:7:5 look | look returns Given, but step look gives Sale. Annotate it -> Sale or -> Proposal[Sale]."
        ],
        id="another result",
    ),
    pytest.param(
        "-> Sale:",
        ":",
        [
            "workers.py:7:5 look | look returns nothing, but step look gives Sale. Annotate it -> Sale or -> Proposal[Sale]."
        ],
        id="no result",
    ),
    pytest.param(
        "-> Proposal[Given]",
        "-> Given",
        [
            "lane.yaml:61:13 approve › large discount › before | give proposes nothing that could be approved. Name a step that returns a Proposal."
        ],
        id="no proposal before an approval",
    ),
    pytest.param(
        "@worker\ndef look",
        "def look",
        ["workers.py:6:5 look | look is no worker. Put @worker above it."],
        id="no mark",
    ),
    pytest.param(
        "def look(",
        "def lok(",
        ["lane.yaml:39:10 steps › look › run | lanes/discounts/workers.py has no function look. Did you mean lok?"],
        id="another name",
    ),
    pytest.param(
        "def look(",
        "async def look(",
        ["workers.py:7:11 look | look is not a plain function. Write it with def."],
        id="an async function",
    ),
]

LOADING = [
    pytest.param(
        "import Discount, Given, Sale",
        "import Discount, Given, Sal",
        ["workers.py:3:1  | can't be imported: cannot import name 'Sal' from '.models' (lanes/discounts/models.py)"],
        id="an unknown name from the models",
    ),
    pytest.param("def look(", "def look(:", ["workers.py:7:10  | not Python: invalid syntax."], id="a syntax error"),
    pytest.param(
        "@worker\ndef look",
        "1/0\n@worker\ndef look",
        ["workers.py:6:1  | fails when loaded: ZeroDivisionError: division by zero."],
        id="an exception",
    ),
    pytest.param(
        "desk: Desk) -> Sale",
        "desk: Dsk) -> Sale",
        ["workers.py:7:1  | fails when loaded: NameError: name 'Dsk' is not defined."],
        id="an unknown annotation",
    ),
    pytest.param(
        "@worker\ndef look",
        "raise SystemExit(1)\n@worker\ndef look",
        ["workers.py:6:1  | fails when loaded: SystemExit: 1."],
        id="an exit",
    ),
]

MODELS = [
    pytest.param(
        "open: bool",
        "open: bool\n    when: complex",
        ["models.py:18:5 Sale › when | rules can't read complex; use text, a number, a boolean, a list, or a model."],
        id="a type that is no fact",
    ),
    pytest.param(
        "    at: Annotated[int, Instant()]",
        "    at: Annotated[int, Instant()]\n    teller: str",
        [
            "lane.yaml:47:12 steps › give › gives | teller (text) can't be read back from till.discount. A look shows reference (text), at (integer, epoch seconds), sale (text) and amount (integer, minor units of USD)."
        ],
        id="an output that nobody reads back",
    ),
    pytest.param(
        "    at: Annotated[int, Instant()]",
        "    at: int",
        [
            "lane.yaml:47:12 steps › give › gives | at (integer) can't be read back from till.discount. A look shows reference (text), at (integer, epoch seconds), sale (text) and amount (integer, minor units of USD)."
        ],
        id="an output of another unit",
    ),
    pytest.param(
        "from pydantic import BaseModel",
        "from pydantc import BaseModel",
        ["models.py:3:1  | can't be imported: No module named 'pydantc'."],
        id="an unknown module",
    ),
]

TOOLS = [
    pytest.param(
        '    @effect("readable"',
        '    @__import__("chargehand").respects(version="amont")\n    @effect("readable"',
        [
            "till.py:16:9 Till › discount | it has no argument amont that could be the version which was read. Did you mean amount?"
        ],
        id="a version that is no argument",
    ),
    pytest.param(
        '    @effect("readable"',
        '    @__import__("chargehand").respects(version="amount", corrections="discount_by_ky")\n    @effect("readable"',
        [
            "till.py:16:9 Till › discount | Till has no discount_by_ky that tells what people have corrected. Did you mean discount_by_key?"
        ],
        id="corrections that nobody tells",
    ),
    pytest.param(
        '    @effect("readable"',
        '    @__import__("chargehand").respects(version="amount", corrections="sale")\n    @effect("readable"',
        ["till.py:11:9 Till › sale | what tells corrections takes what discount takes. It is given sale and amount."],
        id="corrections that are told of something else",
    ),
    pytest.param(
        '    @effect("readable"',
        '    @__import__("chargehand").in_parts("amont")\n    @effect("readable"',
        [
            "till.py:16:9 Till › discount | it has no argument amont that could tell which parts are missing. Did you mean amount?"
        ],
        id="parts that nothing is told of",
    ),
    pytest.param(
        '    @effect("readable"',
        '    @__import__("chargehand").in_parts("amount")\n    @effect("readable"',
        [
            "till.py:16:9 Till › discount | it has no argument amount to count by. Known: sale.",
            "till.py:16:38 Till › discount › amount | amount is not None the first time. Write `amount: Sequence[str] | None = None`.",
        ],
        id="parts that a proposal could set",
    ),
    pytest.param(
        'amount="amount"',
        'amount="amont"',
        ["till.py:15:9 Till › discount | it has no argument amont to count by. Did you mean amount?"],
        id="an argument to count by that is not there",
    ),
    pytest.param(
        'look="discount_by_key"',
        'look="discount_by_ky"',
        ["till.py:15:9 Till › discount | Till has no discount_by_ky to look with. Did you mean discount_by_key?"],
        id="a look that is not there",
    ),
    pytest.param(
        '"readable"',
        '"redable"',
        ["till.py:14:14 Till › discount | redable is no class of an effect. Did you mean readable?"],
        id="an unknown class of effect",
    ),
    pytest.param(
        "key: str) -> dict[str, Any]:\n        return {}",
        "day: str) -> dict[str, Any]:\n        return {}",
        ["till.py:15:9 Till › discount | an effect takes a key. Add the keyword `key: str`."],
        id="no key",
    ),
    pytest.param(
        "sale: str, amount",
        "sale, amount",
        ["till.py:15:27 Till › discount › sale | sale has no type. Annotate every argument of an effect."],
        id="an argument without a type",
    ),
    pytest.param(
        "(self, *, key: str, **_: object)",
        "(self, *, key: str)",
        ["till.py:18:9 Till › discount_by_key | a look takes what discount takes. It is given sale, amount and key."],
        id="a look that takes less",
    ),
]

DECORATORS = [
    pytest.param(
        'blast="customer"',
        'blast="custmer"',
        [
            "till.py:14:56 Till › discount | custmer is no blast radius. Did you mean customer?",
        ],
        id="an unknown blast radius",
    ),
    pytest.param(
        'blast="customer"',
        "settle_s=3601",
        ["till.py:14:5 Till › discount | settle_s is 3601. Write seconds, 0 to 3,600."],
        id="a world that may lag for longer than an hour",
    ),
    pytest.param(
        'blast="customer"',
        "timeout_s=0",
        ["till.py:14:5 Till › discount | timeout_s is 0. Write seconds, more than 0 and at most 600."],
        id="a call that has no time",
    ),
    pytest.param(
        ', look="discount_by_key"',
        "",
        [
            'till.py:14:5 Till › discount | @effect lacks look. Write look="METHOD", the method that finds it again by its key; or look=None for a class of neither.',
        ],
        id="no word of a look",
    ),
    pytest.param(
        'look="discount_by_key"',
        "look=None",
        [
            'till.py:14:5 Till › discount | a readable effect names its look. Write look="METHOD", the method that finds it again by its key.',
        ],
        id="a readable effect that nobody can look at",
    ),
    pytest.param(
        'look="discount_by_key"',
        'lok="discount_by_key"',
        [
            "till.py:14:5 Till › discount | @effect takes no lok. Did you mean look?",
        ],
        id="a word that no effect takes",
    ),
    pytest.param(
        'look="discount_by_key"',
        '"discount_by_key"',
        [
            "till.py:14:5 Till › discount | @effect is given something without a name. Write @effect(…), with look, blast, timeout_s, settle_s, amount, records and recipients by name.",
        ],
        id="a look without its word",
    ),
    pytest.param(
        '"readable", ',
        "",
        [
            "till.py:14:5 Till › discount | @effect lacks kind. Write keyed, readable or neither, in quotes, before all else.",
        ],
        id="an effect of no class",
    ),
    pytest.param(
        "@reads()",
        "@reads",
        [
            "till.py:10:5 Till › sale | @reads is given something without a name. Write @reads(…), with timeout_s by name.",
        ],
        id="a read without parentheses",
    ),
    pytest.param(
        "@reads()",
        "@reads(timeout=3)",
        [
            "till.py:10:5 Till › sale | @reads takes no timeout. Did you mean timeout_s?",
        ],
        id="a word that no read takes",
    ),
    pytest.param(
        "    @reads()\n",
        '    @__import__("chargehand").respects(version="x")\n    def bare(self) -> None: ...\n\n    @reads()\n',
        [
            "till.py:10:5 Till › bare | @respects stands above no effect. Put it above @effect.",
        ],
        id="a respect for what is no effect",
    ),
    pytest.param(
        "    @reads()\n",
        '    @__import__("chargehand").in_parts("x")\n    @reads()\n',
        [
            "till.py:10:5 Till › sale | @in_parts stands above no effect. Put it above @effect.",
        ],
        id="parts of what is no effect",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), STEPS)
def test_a_step_is_given_what_exists_and_gives_what_it_says(old: str, new: str, expected: list[str]) -> None:
    assert told_after("workers", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), LOADING)
def test_code_that_does_not_load_is_told_with_its_line(old: str, new: str, expected: list[str]) -> None:
    assert told_after("workers", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), MODELS)
def test_a_model_holds_facts_that_rules_can_read(old: str, new: str, expected: list[str]) -> None:
    assert told_after("models", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), TOOLS)
def test_an_effect_has_a_key_and_a_look(old: str, new: str, expected: list[str]) -> None:
    assert told_after("till", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), DECORATORS)
def test_what_a_tool_says_of_an_operation_is_told_with_its_name(old: str, new: str, expected: list[str]) -> None:
    assert told_after("till", old, new) == expected
