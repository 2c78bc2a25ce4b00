"""Tells people what a business holds, or what to mend in it: a place, a sentence, the line and the words meant."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.cells import cell_len
from rich.text import Text

from contracts.business import Business, Mistake

_WIDEST = 110
_PLACE, _PATH, _MEANT, _THOUGHT, _QUIET = "bold", "cyan", "bold red", "bold yellow", "dim"


def mistakes_told(mistakes: Sequence[Mistake], lanes: int) -> Iterator[Text]:
    """Every mistake with its excerpt, and a last line that counts them; `lanes` is how many there are in all."""
    for mistake in mistakes:
        yield from _told(mistake)
    yield Text(_counted(mistakes, lanes))


def business_told(business: Business, warnings: Sequence[Mistake] = ()) -> Iterator[Text]:
    """The line of a business that is good, after all that is worth a thought."""
    for warning in warnings:
        yield from _told(warning, meant=_THOUGHT)
    thought = f" {_count(len(warnings), 'thing')} to think about." if warnings else ""
    yield Text(f"{business_size(business)} Nothing to mend.{thought}")


def business_size(business: Business) -> str:
    """What a business holds: "The morning company: 1 lane, 2 workers, 7 people."."""
    workers = sum(len(loaded.lane.workers) for loaded in business.lanes.values())
    people = len(business.company.people)
    lanes = _count(len(business.lanes), "lane")
    told = f"{lanes}, {_count(workers, 'worker')}, {people} {'person' if people == 1 else 'people'}"
    return f"{business.company.name}: {told}."


def mistakes_as_json(mistakes: Sequence[Mistake]) -> list[dict[str, object]]:
    """Every mistake as a JSON object; `sentence` is message and hint together."""
    return [_without_pointer(asdict(mistake)) | {"sentence": mistake.sentence} for mistake in mistakes]


def _without_pointer(mistake: dict[str, object]) -> dict[str, object]:
    """`path` says the same in words."""
    return {name: value for name, value in mistake.items() if name != "at"}


def _told(mistake: Mistake, *, meant: str = _MEANT) -> Iterator[Text]:
    place = Text(f"{mistake.file}:{mistake.line}:{mistake.column}", style=_PLACE)
    yield place.append(f"  {mistake.path}", style=_PATH) if mistake.path else place
    yield Text(f"  {mistake.sentence}")
    if mistake.excerpt.strip():
        yield from _excerpt(mistake, meant)


def _excerpt(mistake: Mistake, style: str) -> Iterator[Text]:
    line = mistake.excerpt.replace("\t", " ")
    start = mistake.column - 1
    cut = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = f"{'…' if cut else ''}{line[cut : cut + _WIDEST]}"
    before = f"  {mistake.line} | " + shown[: start - cut + bool(cut)]
    meant = max(1, min(mistake.length, _WIDEST - (start - cut)))
    yield Text(f"  {mistake.line} | ", style=_QUIET).append(shown, style="default")
    yield Text(" " * cell_len(before)).append("^" * meant, style=style)


def _counted(mistakes: Sequence[Mistake], lanes: int) -> str:
    files = dict.fromkeys(mistake.file for mistake in mistakes)
    others = [file for file in files if not file.startswith("lanes/")]
    mended = {file.split("/")[1] for file in files if file.startswith("lanes/")}
    where = [*others, *([f"{len(mended)} of {_count(lanes, 'lane')}"] if mended else [])]
    return f"{_count(len(mistakes), 'mistake')} in {' and '.join(where)}. Nothing was loaded."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
