"""Systems that are declared without code: what a statement may be, what is told of one that may not, and what comes of it."""

import re

import pytest

from contracts.authoring import operations_of
from contracts.vocabulary import BlastRadius, EffectClass
from tests.architecture.sources import ROOT
from tests.unit.contracts.small_business import COMPANY, WORKERS, small_business, told

TILL = """\
systems:
  till:
    title: The till
    sql:
      url: TILL_DATABASE_URL
      reads:
        sale:
          takes: {number: text}
          gives: {total: money USD, open: boolean}
          statement: "select total, open from sale where number = :number"
      effects:
        discount:
          class: keyed
          blast: customer
          takes: {sale: text, amount: money USD}
          amount: amount
          lag: 20s
          statements:
            - "insert into discount (sale, amount, key) values (:sale, :amount, :key)"
            - "update sale set total = total - :amount where number = :sale"
          look: "select id as reference, sale, amount from discount where key = :key"
"""
API = """\
systems:
  till:
    title: The till
    http:
      url: TILL_URL
      token: TILL_TOKEN
      reads:
        sale:
          takes: {number: text}
          gives: {total: money USD, open: boolean}
          get: /sales/{number}
          at: {total: amounts.total}
      effects:
        discount:
          class: keyed
          blast: customer
          takes: {sale: text, amount: money USD}
          amount: amount
          path: /sales/{sale}/discounts
          body: {amount: "{amount}"}
          look:
            get: /discounts
            query: {key: "{key}"}
            list: items
            at: {reference: id}
"""
OF_ITS_OWN = 'systems:\n  till: {tool: "tools/till.py:Till", title: The till, settings: {path: "{home}/till"}}\n'


def declared(old: str = "", new: str = "", *, till: str = TILL) -> str:
    """The corner shop's company.yaml with a till that is declared, spoiled in one place."""
    assert OF_ITS_OWN in COMPANY
    assert old in till
    return COMPANY.replace(OF_ITS_OWN, till.replace(old, new, 1) if old else till)


def test_a_declared_database_is_a_tool_like_any_other() -> None:
    business = small_business(company=declared())

    found = operations_of(business.tools["till"])
    discount = found["discount"]
    assert set(found) == {"sale", "discount"}
    assert (discount.effect_class, discount.blast, discount.look) == (
        EffectClass.KEYED,
        BlastRadius.CUSTOMER,
        "discount_by_key",
    )
    assert (discount.settle_s, discount.amount, discount.recipients) == (20.0, "amount", 1)
    args = business.lanes["discounts"].effects["till.discount"].args_model
    assert args.model_validate({"sale": "1", "amount": 2}).model_dump() == {"sale": "1", "amount": 2}


def test_another_statement_makes_another_version_of_the_workers_that_use_it() -> None:
    one = small_business(company=declared()).lanes["discounts"].versions
    other = small_business(company=declared("where number = :sale", "where number = :sale and open")).lanes["discounts"]

    assert {name for name in one if one[name] != other.versions[name]} == {"looker", "giver"}


def test_rights_can_name_the_fields_that_a_declared_read_gives() -> None:
    lane = WORKERS  # the lane itself stays as it is: its rights name till.sale
    business = small_business(company=declared(), workers=lane)

    sale = business.tools["till"].sale  # type: ignore[attr-defined]
    assert set(sale.__annotations__["return"].__args__[0].__annotations__) == {"total", "open"}


MISTAKES = [
    pytest.param(
        "where number = :number", "where number = :nmber", ":nmber is not taken. Did you mean number?", id="a"
    ),
    pytest.param("where number = :number", "where true", "no statement binds :number", id="an argument unbound"),
    pytest.param("where number = :number", "where number = '{number}'", "no statement binds :number", id="in quotes"),
    pytest.param(
        "where number = :number",
        "where number = {number}",
        "{number} is no bound parameter. Write :name; values are never put into the text.",
        id="a value put into the text",
    ),
    pytest.param(
        "select total, open from sale where number = :number",
        "delete from sale where number = :number",
        "a query begins with select, with or values",
        id="a read that changes",
    ),
    pytest.param(
        "where number = :number",
        "where number = :number; drop table sale",
        "this is more than one statement. Write one; `statements` is a list.",
        id="two statements in one",
    ),
    pytest.param(
        "(sale, amount, key) values (:sale, :amount, :key)",
        "(sale, amount) values (:sale, :amount)",
        "no statement keeps :key. Write it to a column; the look finds it there.",
        id="no key kept",
    ),
    pytest.param(
        "where key = :key",
        "where sale = :sale",
        "the look does not ask for :key. Only what carries the key proves the effect.",
        id="a look without the key",
    ),
    pytest.param(
        "id as reference, sale, amount",
        "id as reference, amount",
        "the look gives no sale. Name a column so: … as sale.",
        id="a look that shows less",
    ),
    pytest.param(
        '          look: "select id as reference, sale, amount from discount where key = :key"\n',
        "",
        "a keyed effect says its look. It is a query by :key.",
        id="no look",
    ),
    pytest.param(
        "gives: {total: money USD", "gives: {total: mony USD", "mony USD is no type. Did you mean money", id="b"
    ),
    pytest.param("amount: amount", "amount: sale", "sale is no money. Type it so: money USD.", id="no money"),
    pytest.param(
        "class: keyed",
        "class: keyd",
        "keyd is not one of keyed, readable or neither. Did you mean keyed?",
        id="no class",
    ),
    pytest.param(
        "lag: 20s", "lag: 2h", "7200 is out of range. Write a number at most 3600.", id="a lag beyond an hour"
    ),
    pytest.param(
        "url: TILL_DATABASE_URL",
        "url: postgresql://olu:secret@db/till",
        "this is no name of an environment variable. Write its name, such as SHOP_URL, and never what it holds.",
        id="a secret in the file",
    ),
    pytest.param(
        "    sql:\n",
        "    files: {root: /srv}\n    sql:\n",
        "till is declared by sql and files. Give it one of tool, sql, http, files, mail and slack.",
        id="two kinds",
    ),
    pytest.param(
        "    sql:\n",
        "    settings: {path: x}\n    sql:\n",
        "settings are for a tool of its own. What it is made with stands under sql.",
        id="settings of what has no tool",
    ),
    pytest.param(
        "blast: customer", "blast: customer\n          version: vrsion", "it takes no vrsion", id="no version"
    ),
    pytest.param("lag: 20s", "defaults: {reason: x}", "it takes no reason", id="a default of nothing"),
    pytest.param("lag: 20s", "personal: [name]", "there is no name", id="a personal field that is not there"),
    pytest.param("{sale: text,", "{key: text, sale: text,", "key is a name of ours", id="a name of ours"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES)
def test_what_can_not_be_as_it_is_declared_is_told_at_its_place(old: str, new: str, expected: str) -> None:
    found = told(company=declared(old, new))

    assert any(expected in one for one in found), found
    assert all("secret" not in one for one in found)


def test_a_mistake_of_a_statement_stands_at_the_statement() -> None:
    (found,) = told(company=declared("select total, open", "delete"))

    assert found.startswith("company.yaml:30:23 systems › till › sql › reads › sale › statement |")


def test_a_system_is_declared_by_something() -> None:
    company = COMPANY.replace(OF_ITS_OWN, "systems:\n  till: {title: The till}\n")

    assert (
        "till is declared by nothing. Give it one of tool, sql, http, files, mail and slack."
        in told(company=company)[0]
    )


def test_a_declared_api_is_a_tool_like_any_other() -> None:
    business = small_business(company=declared(till=API))

    discount = operations_of(business.tools["till"])["discount"]
    assert (discount.effect_class, discount.look, discount.settle_s) == (EffectClass.KEYED, "discount_by_key", 60.0)


API_MISTAKES = [
    pytest.param(
        "get: /sales/{number}", "get: /sales/{nmber}", "{nmber} is not taken. Did you mean number?", id="path"
    ),
    pytest.param("get: /sales/{number}", "get: /sales", "{number} is not sent", id="an argument that is not sent"),
    pytest.param("get: /sales/{number}", "get: sales/{number}", "a path begins with / and leads down", id="no slash"),
    pytest.param("get: /sales/{number}", "get: /sales/../{number}", "a path begins with / and leads down", id="up"),
    pytest.param("get: /sales/{number}", "get: //evil/{number}", "a path begins with / and leads down", id="elsewhere"),
    pytest.param(
        "get: /sales/{number}", "get: /sales?n={number}", "Write what follows the ? under query.", id="question"
    ),
    pytest.param("at: {total: ", "at: {totl: ", "there is no totl. Did you mean total?", id="a place of nothing"),
    pytest.param('body: {amount: "{amount}"}', "body: {}", "{amount} is not sent", id="a body without the amount"),
    pytest.param(
        'query: {key: "{key}"}', "query: {}", "the look does not find it by its key", id="a look without the key"
    ),
    pytest.param("at: {reference: id}", "at: {}", "it does not say where the reference lies", id="no reference"),
    pytest.param(
        "amount: amount\n",
        "amount: amount\n          key_header: null\n",
        "a keyed call sends its key in a header. Name the header, such as Idempotency-Key, or call it readable.",
        id="a key that is not sent",
    ),
    pytest.param(
        "amount: amount\n",
        "amount: amount\n          headers: {Host: x}\n",
        "Host is set by Chargehand",
        id="a header of ours",
    ),
    pytest.param(
        "path: /sales/", "method: GET\n          path: /sales/", "GET is not one of POST, PUT", id="a GET that changes"
    ),
    pytest.param(
        "token: TILL_TOKEN", "token: sk_live_secret", "this is no name of an environment variable", id="a secret"
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), API_MISTAKES)
def test_what_can_not_be_called_as_it_is_declared_is_told_at_its_place(old: str, new: str, expected: str) -> None:
    found = told(company=declared(old, new, till=API))

    assert any(expected in one for one in found), found
    assert all("secret" not in one for one in found)


def test_a_put_without_a_key_is_proven_by_what_it_put() -> None:
    put = API.replace("class: keyed", "class: readable\n          method: PUT").replace(
        'query: {key: "{key}"}', "query: {}"
    )

    assert told(company=declared(till=put)) == []


def test_the_systems_that_the_docs_declare_are_without_a_mistake() -> None:
    page = (ROOT / "docs" / "workers.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\nsystems:\n(.*?)```", page, re.DOTALL)

    business = small_business(company=COMPANY.replace(OF_ITS_OWN, OF_ITS_OWN + block))

    assert {"shop", "billing", "pages", "post", "team"} <= set(business.tools)
    assert set(operations_of(business.tools["billing"])) == {"invoice", "credit"}
