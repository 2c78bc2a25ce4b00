"""Rules of contracts: JSONLogic, checked against the facts' types before it runs, explained after."""

from contracts.rules.checker import check
from contracts.rules.engine import FactsHandle, FactsRefused, NotEvaluable, parse_facts
from contracts.rules.facade import Profile, Rule, compile, explain  # noqa: A004 - read as rules.compile
from contracts.rules.mistakes import RuleMistake, RuleRefused
from contracts.rules.operators import OPERATORS, Operator
from contracts.rules.verdict import MASK, Explanation, Leaf, Verdict

__all__ = [
    "MASK",
    "OPERATORS",
    "Explanation",
    "FactsHandle",
    "FactsRefused",
    "Leaf",
    "NotEvaluable",
    "Operator",
    "Profile",
    "Rule",
    "RuleMistake",
    "RuleRefused",
    "Verdict",
    "check",
    "compile",
    "explain",
    "parse_facts",
]
