"""Loads a business from the bytes of its files, whole or not at all."""

from collections.abc import Collection, Mapping
from functools import partial
from hashlib import sha256

from contracts.assembly import Surroundings, load_lane
from contracts.canonical import digest
from contracts.checker.company import company_mistakes
from contracts.checker.inheritance import tree_mistakes
from contracts.checker.objectives import objective_mistakes
from contracts.company import Company
from contracts.loaded import Business, EffectSpec, LoadedLane
from contracts.loading.declarations import parse_page
from contracts.loading.lanes import lane_folders
from contracts.loading.pages import Page, read_page
from contracts.loading.tools import load_tools
from contracts.mistakes import BusinessMistakes, Findings, Mistake

COMPANY = "company.yaml"

__all__ = ["COMPANY", "Business", "BusinessMistakes", "EffectSpec", "LoadedLane", "Mistake", "load"]


def load(files: Mapping[str, bytes], *, timezones: Collection[str] = ()) -> Business:
    """The business that `files` declare, by path relative to its folder.

    `timezones` are the names that people may have; without any they are not checked. Runs the code of models, workers
    and tools. Raises BusinessMistakes with everything that was found.
    """
    findings = Findings()
    page = findings.attempt(partial(_company_page, files))
    found = parse_page(page, Company, findings) if page is not None else None
    page, company = found or (page, None)
    tools = None
    if page is not None and company is not None:
        findings.add(company_mistakes(company, page, timezones))
        findings.add(objective_mistakes(company, page))
        findings.add(tree_mistakes(company, page))
        findings.add(_no_lane(page, files))
        tools = findings.attempt(partial(load_tools, company, page, files))
    around = Surroundings(company, tools, {} if page is None else {COMPANY: page})
    lanes = [findings.attempt(partial(load_lane, folder, files, around)) for folder in lane_folders(files)]
    if page is None or company is None or tools is None or findings.mistakes:
        raise BusinessMistakes(findings.mistakes)
    loaded = {lane.lane.lane: lane for lane in lanes if lane is not None}
    kinds = {system: tool.kind for system, tool in tools.items()}
    return Business(company, loaded, kinds, _hash(files, around.pages), page)


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
