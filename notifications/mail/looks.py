"""Makes a page text that reads well in 72 columns, and HTML in one column that stands in the dark, too."""

import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from notifications.mail.page import Door, Entry, Fact, Listed, Page, Quote, Section

COLUMNS = 72


def as_text(page: Page) -> str:
    """Plain text: headline, sentences, quotations marked with ">", facts with their labels in front."""
    blocks = [_wrapped(page.headline), *_lead(page), *map(_quote, page.quotes), *_facts(page.facts)]
    blocks += [*_sections(page.sections), *map(_listed, page.listed)]
    blocks += [_wrapped(" · ".join(page.small)), _wrapped(_door(page.door)), _by_sentence(page.invitation)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def as_html(page: Page) -> str:
    """A whole document with its styles in the elements; only what answers to a dark screen stays a rule."""
    return str(css_inline.inline(_template().render(page=page), keep_at_rules=True, load_remote_stylesheets=False))


@cache
def _template() -> Template:
    files = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=files, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("letter.html")


def _door(door: Door | None) -> str:
    return f"{door.label}: {door.address}" if door else ""


def _listed(one: Listed) -> str:
    """Its number stands in front, all that belongs to it below the question."""
    number = f"{one.number}. "
    lines = [*one.lead, " · ".join(one.small), _door(one.door)]
    indent = " " * len(number)
    below = (_wrapped(line, first=indent, later=indent) for line in lines if line)
    return "\n".join([_wrapped(one.title, first=number, later=indent), *below])


def _lead(page: Page) -> list[str]:
    return ["\n".join(_wrapped(line) for line in page.lead)] if page.lead else []


def _facts(facts: tuple[Fact, ...]) -> list[str]:
    width = max((len(fact.label) for fact in facts), default=0) + 2
    return ["\n".join(_fact(fact, width) for fact in facts)] if facts else []


def _fact(fact: Fact, width: int) -> str:
    return "\n".join(_labelled(fact, width))


def _labelled(fact: Fact, width: int) -> Iterator[str]:
    for number, line in enumerate(fact.lines):
        label = fact.label if number == 0 else ""
        yield _wrapped(line, first=label.ljust(width), later=" " * width)


def _sections(sections: tuple[Section, ...]) -> list[str]:
    width = max((len(section.label) for section in sections), default=0) + 2
    return ["\n".join(_section(section, width)) for section in sections]


def _section(section: Section, width: int) -> Iterator[str]:
    """What belongs to a title stands a little to the right of it."""
    label = section.label
    for entry in section.entries:
        for indent, line in _lines_of(entry):
            later = " " * (width + indent)
            yield _wrapped(line, first=label.ljust(width + indent), later=later)
            label = ""


def _lines_of(entry: Entry) -> Iterator[tuple[int, str]]:
    """A trend stands behind the last line, as far as it has something to say."""
    if entry.title:
        yield 0, f"{entry.title}: {entry.standing}" if entry.standing else entry.title
    *first, last = entry.lines or ("",)
    trend = (entry.trend.chart, entry.trend.words) if entry.trend else ()
    for line in (*first, "  ".join(filter(None, (last, *trend)))):
        if line:
            yield 2 * bool(entry.title), line


def _by_sentence(words: str) -> str:
    """The last lines are for acting on: a sentence each."""
    return "\n".join(_wrapped(sentence) for sentence in words.replace(". ", ".\n").splitlines())


def _quote(quote: Quote) -> str:
    said_by = [f"{quote.said_by}:"] if quote.said_by else []
    return "\n".join([*said_by, *(_wrapped(line, first="> ", later="> ") for line in quote.lines)])


def _wrapped(line: str, *, first: str = "", later: str = "") -> str:
    """Wrapped between words only: a long number or name is worth more whole than a straight edge."""
    return textwrap.fill(
        line, COLUMNS, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
