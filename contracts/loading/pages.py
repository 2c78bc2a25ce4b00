"""Reads YAML so that everything knows its line, and so that nothing means what its writer did not write."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from typing import cast

from yaml import CSafeLoader, Mark, YAMLError, parse
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from contracts.loading.hidden import DELETE, hidden_in, hidden_mistakes, hides
from contracts.loading.not_yaml import not_yaml
from contracts.loading.plain_yaml import DEEPEST, NotPlain, data_of
from contracts.loading.scalars import Trap, value_of
from contracts.mistakes import BusinessMistakes, Mistake, Pointer, Source, Span, source_of


@dataclass(frozen=True, slots=True)
class Places:
    """Where each value and each key of a file stands, and in which line each value ends."""

    values: Mapping[Pointer, Span]
    keys: Mapping[Pointer, Span]
    lasts: Mapping[Pointer, int]


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a text: the hit of `pattern` in it with that number from 0; `around` characters at both ends are not meant."""

    text: str
    pattern: re.Pattern[str]
    number: int
    around: int = 0


@dataclass(frozen=True)  # no slots: where everything stands is looked up when it is first asked
class Page:
    """A YAML file as it was read: its data (JSON values only), and where each value and each key stands."""

    source: Source
    data: object
    written: Mapping[Pointer, Pointer] = field(default_factory=dict)
    """Where what is looked for at a place really stands, for a field that was misspelled."""
    gaps: tuple[Pointer, ...] = ()
    """Where something stands that nobody wrote: mistakes in it are secondary."""
    unsure: re.Pattern[str] | None = None
    """What finds the facts in a sentence that nobody can tell of: mistakes about them are secondary."""
    as_it_stands: "Page | None" = None
    """The same page as nobody has read anything into it; None for that itself."""

    def with_places(
        self, written: Mapping[Pointer, Pointer], gaps: tuple[Pointer, ...] = (), unsure: re.Pattern[str] | None = None
    ) -> "Page":
        """The same page, for whoever reads it as it was likely meant."""
        return replace(self, written=dict(written), gaps=gaps, unsure=unsure, as_it_stands=self.as_it_stands or self)

    @cached_property
    def places(self) -> Places:
        """Found by reading the file once more, since a file that is well is mostly never asked."""
        if self.as_it_stands is not None:
            return self.as_it_stands.places
        reader = _Reader(self.source, _events(self.source))
        reader.data()
        return Places(reader.values, reader.keys, reader.lasts)

    @property
    def values(self) -> Mapping[Pointer, Span]:
        """Where each value stands."""
        return self.places.values

    @property
    def keys(self) -> Mapping[Pointer, Span]:
        """Where each key stands."""
        return self.places.keys

    def mistake(
        self,
        at: Pointer,
        message: str,
        hint: str | None = None,
        *,
        shown: Pointer | None = None,
        key: bool = False,
        word: Word | None = None,
    ) -> Mistake:
        """A mistake at a value of the data, or at its key; `shown` is the place to name, if it is further up.

        `word` narrows the place to where the text has that word.
        """
        span = self._span(at, self.keys if key else self.values)
        if word is not None:
            span = self._narrowed(at, span, word)
        path = self.words(at if shown is None else shown)
        is_secondary = any(at[: len(gap)] == gap for gap in self.gaps) or (
            self.unsure is not None and self.unsure.search(message) is not None
        )
        return self.source.mistake(span, message, hint, path=path, at=at, is_secondary=is_secondary)

    def place(self, at: Pointer) -> str:
        """Where a value of the data stands, as editors open it: "lanes/refunds/lane.yaml:41"."""
        return f"{self.source.file}:{self._span(at, self.keys).line}"

    def words(self, at: Pointer) -> str:
        """The place as people say it: list items by their name, "approve › large refund › when"."""
        parts, value = [], self.data
        for step in self._as_written(at):
            value = _inside(value, step)
            parts.append(step if isinstance(step, str) else _name(value) or f"#{step + 1}")
        return " › ".join(parts)

    def _as_written(self, at: Pointer) -> Pointer:
        for meant, written in self.written.items():
            if at[: len(meant)] == meant:
                at = (*written, *at[len(meant) :])
        return at

    def _narrowed(self, at: Pointer, span: Span, word: Word) -> Span:
        """Where a word stands, in whichever line of its text; the text's own place where escapes hide it."""
        lines = self.source.lines[span.line - 1 : self.places.lasts.get(self._as_written(at), span.line)]
        # Blanks for what stands before the text, so that columns stay what they are.
        written = "\n".join([" " * (span.column - 1) + lines[0][span.column - 1 :], *lines[1:]])
        found = next(islice(word.pattern.finditer(written), word.number, None), None)
        if found is None or found[0] != word.text:
            return span
        begin, length = found.start() + word.around, len(word.text) - 2 * word.around
        return Span(span.line + written.count("\n", 0, begin), begin - written.rfind("\n", 0, begin), length)

    def _span(self, at: Pointer, spans: Mapping[Pointer, Span]) -> Span:
        at = self._as_written(at)
        for end in range(len(at), 0, -1):
            found = spans.get(at[:end]) or self.keys.get(at[:end]) or self.values.get(at[:end])
            if found is not None:
                return found
        return self.values.get((), Span(1, 1))


def read_page(file: str, content: bytes) -> Page:
    """Parse one YAML document; raises BusinessMistakes for all that is ambiguous, doubled or not YAML."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BusinessMistakes([Mistake(file, line, 1, "", "not UTF-8 text", "Save the file as UTF-8.")]) from error
    source = source_of(file, text.removeprefix("\ufeff"))
    _refuse_hidden_characters(source, text)
    try:
        data = data_of(_events(source))
        if "\\" not in text or not hides(_texts(data)):
            return Page(source, data)
    except (NotPlain, YAMLError):
        pass
    return Page(source, _Reader(source, _events(source)).data())


def _texts(data: object) -> str:
    """All text of a document, keys as well; escapes may bring in what the file itself does not show."""
    return data if isinstance(data, str) else "".join(map(_texts, _inner(data)))


def _inner(data: object) -> Iterable[object]:
    if isinstance(data, dict):
        return chain.from_iterable(data.items())
    return data if isinstance(data, list) else ()


def _events(source: Source) -> Iterator[Event]:
    return parse("\n".join(source.lines), Loader=CSafeLoader)


def _refuse_hidden_characters(source: Source, text: str) -> None:
    if not hides(text):
        return
    found = list(hidden_mistakes(source))
    if found:
        raise BusinessMistakes(found)


@dataclass(slots=True)
class _Reader:
    """Builds data and places from the parser's events; aliases are never followed, so that nothing can grow."""

    source: Source
    events: Iterator[Event]
    values: dict[Pointer, Span] = field(default_factory=dict)
    keys: dict[Pointer, Span] = field(default_factory=dict)
    lasts: dict[Pointer, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def data(self) -> object:
        try:
            data = self._document()
        except YAMLError as error:
            raise BusinessMistakes([*self.mistakes, not_yaml(self.source, error)]) from error
        if self.mistakes:
            raise BusinessMistakes(self.mistakes)
        return data

    def _document(self) -> object:
        next(self.events)
        if isinstance(next(self.events), StreamEndEvent):
            raise BusinessMistakes([self.source.mistake(Span(1, 1), "the file is empty")])
        data = self._node(next(self.events), ())
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self._tell(event, (), "a second document in one file", "Keep one document per file.")
                break
        return data

    def _node(self, event: Event, at: Pointer) -> object:
        self.values.setdefault(at, _span(event))
        if len(at) > DEEPEST:
            raise BusinessMistakes([*self.mistakes, self.source.mistake(_span(event), "nested too deeply")])
        self._tell_of_decoration(event, at)
        if isinstance(event, AliasEvent):
            return None
        if isinstance(event, ScalarEvent):
            self.lasts.setdefault(at, _last_line(event))
            return self._scalar(event, at)
        return self._sequence(at) if isinstance(event, SequenceStartEvent) else self._mapping(at)

    def _tell_of_decoration(self, event: Event, at: Pointer) -> None:
        if isinstance(event, AliasEvent):
            self._tell(event, at, f"an alias, *{event.anchor}", "Write the value out; aliases are not read here.")
        elif isinstance(event, NodeEvent) and event.anchor:
            self._tell(event, at, f"an anchor, &{event.anchor}", "Delete it; anchors are not read here.")
        if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._tell(event, at, f"a tag, {tag}", "Delete it; the value's look tells its type.")

    def _sequence(self, at: Pointer) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._node(event, (*at, len(items))))
        return items

    def _mapping(self, at: Pointer) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event, at)
            if key in found:
                first = self.keys[(*at, key)].line
                self._tell(event, (*at, key), f"{key} stands here twice, first in line {first}", "Keep one of them.")
            self.keys.setdefault((*at, key), _span(event))
            value = next(self.events)
            if _is_empty(value):  # nothing is there to point at but the key
                self.values[(*at, key)] = self.keys[(*at, key)]
            found[key] = self._node(value, (*at, key))
        return found

    def _key(self, event: Event, at: Pointer) -> str:
        key = self._node(event, (*at, ""))
        self.values.pop((*at, ""), None)
        if isinstance(key, str):
            return key
        if not isinstance(event, AliasEvent):
            self._tell(event, at, "a key that is not text", "Put it in quotes.")
        return f"line {_span(event).line}"

    def _scalar(self, event: ScalarEvent, at: Pointer) -> object:
        text = str(event.value)
        for _, what in hidden_in(text) if hides(text) else ():
            self._tell(event, at, f"{what}, by an escape", DELETE)
        try:
            return text if event.style else value_of(text)
        except Trap as trap:
            self._tell(event, at, f"{text} {trap.what}", trap.hint.format(text))
            return text

    def _tell(self, event: Event, at: Pointer, message: str, hint: str) -> None:
        path = " › ".join(step if isinstance(step, str) else f"#{step + 1}" for step in at if step != "")
        self.mistakes.append(self.source.mistake(_span(event), message, hint, path=path))


def _marks(event: Event) -> tuple[Mark, Mark]:
    """Where an event begins and ends; the parser always says so, its types don't."""
    return cast("Mark", event.start_mark), cast("Mark", event.end_mark)


def _is_empty(event: Event) -> bool:
    start, end = _marks(event)
    return start.index == end.index


def _last_line(event: Event) -> int:
    """The last line that a value reaches; a block ends where the next line begins."""
    start, end = _marks(event)
    return end.line if end.column == 0 and end.line > start.line else end.line + 1


def _span(event: Event) -> Span:
    start, end = _marks(event)
    length = end.column - start.column if end.line == start.line else 1
    quotes = isinstance(event, ScalarEvent) and bool(event.style in ("'", '"')) and length == len(event.value) + 2
    return Span(start.line + 1, start.column + 1 + quotes, max(1, length - 2 * quotes))


def _inside(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _name(item: object) -> str | None:
    name = item.get("name", item.get("id")) if isinstance(item, dict) else None
    return name if isinstance(name, str) else None
