"""Tells what a rule stands on beyond the facts that it names: probes to be made first, and a proposal to be there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.contract import ApprovalEdge, Lane, Requirement
from contracts.deriving import DERIVED
from contracts.observing import Derived, Probe
from contracts.wording import places

PROBE, EFFECT = "probe", "effect"


@dataclass(frozen=True, slots=True)
class Grounds:
    """`probes` are made before the rule is asked or its sentences are told; with `proposal` it is about an effect."""

    probes: tuple[str, ...]
    proposal: bool


def grounds_of(lane: Lane, reads: Iterable[str], told: Requirement | ApprovalEdge) -> Grounds:
    """The grounds of a rule that reads these facts, with what its sentences name."""
    if not (lane.derive or lane.probes):
        return Grounds((), any(_is_proposed(path) for path in reads))
    read = list(_roots(lane.derive, lane.probes, reads))
    named = _roots(lane.derive, lane.probes, _named(told))
    probes = dict.fromkeys(path.split(".")[1] for path in (*read, *named) if path.split(".")[0] == PROBE)
    return Grounds(tuple(name for name in probes if name in lane.probes), any(_is_proposed(path) for path in read))


def about_a_proposal(lane: Lane, probe: Probe) -> bool:
    """Whether a probe is made of what a step proposes."""
    return any(_is_proposed(path) for path in _roots(lane.derive, lane.probes, probe.given.values()))


def stands_on_probes(lane: Lane, path: str) -> bool:
    """Whether a fact was probed, or derives of one that was."""
    return any(root.split(".")[0] == PROBE for root in _roots(lane.derive, {}, [path]))


def roots_of(lane: Lane, paths: Iterable[str]) -> frozenset[str]:
    """The facts that these come from: fields of the request, the state and the proposal, and what was probed."""
    return frozenset(_roots(lane.derive, lane.probes, paths))


def _roots(derive: Mapping[str, Derived], probes: Mapping[str, Probe], paths: Iterable[str]) -> Iterator[str]:
    """The facts behind the paths: themselves, what is derived of what, and what probes are given."""
    for path in paths:
        group, _, rest = path.partition(".")
        name = rest.partition(".")[0]
        if group == DERIVED and name in derive:
            yield from _roots(derive, probes, [derive[name].of])
            continue
        yield path
        if group == PROBE and name in probes:
            yield from _roots(derive, {}, probes[name].given.values())


def _is_proposed(path: str) -> bool:
    return path.split(".", maxsplit=1)[0] == EFFECT


def _named(told: Requirement | ApprovalEdge) -> Iterator[str]:
    if isinstance(told, Requirement):
        yield from places(told.because)
        return
    for sentence in (told.because, told.question, told.moves or "", *told.state, *told.alternatives):
        yield from places(sentence)
