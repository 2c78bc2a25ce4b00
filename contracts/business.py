"""Loads a business from the bytes of its files, whole or not at all."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from hashlib import sha256

from contracts.assembly import Surroundings, load_lane
from contracts.canonical import digest
from contracts.checker.company import company_mistakes
from contracts.checker.inheritance import tree_mistakes
from contracts.checker.objectives import objective_mistakes
from contracts.checker.sharing import sharing_mistakes
from contracts.company import Company
from contracts.loaded import Business, EffectSpec, LoadedLane
from contracts.loading.lanes import lane_folders
from contracts.loading.pages import Page, read_page
from contracts.loading.tools import load_tools
from contracts.mistakes import BusinessMistakes, Findings, Mistake
from contracts.readings.agreed import first_good
from contracts.readings.declarations import parse_page
from contracts.readings.files import names_around

COMPANY = "company.yaml"

__all__ = ["COMPANY", "Business", "BusinessMistakes", "EffectSpec", "LoadedLane", "Mistake", "load"]


def load(files: Mapping[str, bytes], *, timezones: Collection[str] = (), is_past: bool = False) -> Business:
    """The business that `files` declare, by path relative to its folder.

    `timezones` are the names that people may have; without any they are not checked. With `is_past` they were published
    before, and whether a system needs an owner is not asked any more. Runs the code of models, workers and tools. Raises
    BusinessMistakes with everything that was found.
    """
    findings = Findings()
    page = findings.attempt(_company_page, files)
    read = parse_page(page, Company, findings, partial(names_around, files, None)) if page is not None else ()
    arounds = [_surroundings(*one, files=files, timezones=timezones) for one in read]
    around, found = first_good(partial(_usable, *one) for one in arounds)
    findings.take_over(found)
    everywhere = [one for one, _ in arounds] or [Surroundings(None, None, {})]
    lanes = [_lane(folder, files, everywhere, findings) for folder in lane_folders(files)]
    if around is not None and around.company is not None and not is_past:
        good = [loaded.lane for loaded in lanes if loaded is not None]
        findings.hold(sharing_mistakes, around.company, good, around.pages[COMPANY])
    if around is None or around.company is None or around.tools is None or findings.mistakes:
        raise BusinessMistakes(findings.mistakes)
    named = {lane.lane.lane: lane for lane in lanes if lane is not None}
    kinds = {system: tool.kind for system, tool in around.tools.items()}
    return Business(around.company, named, kinds, _hash(files, around.pages), around.pages[COMPANY])


def _surroundings(
    page: Page, company: Company, *, files: Mapping[str, bytes], timezones: Collection[str]
) -> tuple[Surroundings, Findings]:
    """What one reading of company.yaml says, and what is wrong with that."""
    findings = Findings()
    findings.hold(company_mistakes, company, page, timezones)
    findings.hold(objective_mistakes, company, page)
    findings.hold(tree_mistakes, company, page)
    findings.hold(_no_lane, page, files)
    tools = load_tools(company, page, files, findings)
    return Surroundings(company, tools, {COMPANY: page}), findings


def _usable(around: Surroundings, findings: Findings) -> tuple[Surroundings | None, Findings]:
    return None if findings.mistakes else around, findings


def _lane(
    folder: str, files: Mapping[str, bytes], arounds: Sequence[Surroundings], findings: Findings
) -> LoadedLane | None:
    lane, found = first_good(partial(_lane_within, folder, files, around) for around in arounds)
    findings.take_over(found)
    return lane


def _lane_within(folder: str, files: Mapping[str, bytes], around: Surroundings) -> tuple[LoadedLane | None, Findings]:
    findings = Findings()
    return load_lane(folder, files, around, findings), findings


def _company_page(files: Mapping[str, bytes]) -> Page:
    if COMPANY not in files:
        raise BusinessMistakes([Mistake(COMPANY, 1, 1, "", f"there is no {COMPANY}", "Every business has one.")])
    return read_page(COMPANY, files[COMPANY])


def _no_lane(page: Page, files: Mapping[str, bytes]) -> list[Mistake]:
    return [] if lane_folders(files) else [page.mistake((), "there is no lane", "Declare one in lanes/NAME/lane.yaml.")]


def _hash(files: Mapping[str, bytes], pages: Mapping[str, Page]) -> str:
    contents = {name: _content(name, content, pages) for name, content in files.items()}
    return digest(contents)


def _content(name: str, content: bytes, pages: Mapping[str, Page]) -> object:
    """What counts of a file: of YAML the data, so that a comment makes no new version; of code every byte."""
    if not name.endswith(".yaml"):
        return sha256(content).hexdigest()
    return (pages[name] if name in pages else read_page(name, content)).data
