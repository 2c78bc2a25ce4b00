"""Checks that the sentences which people read name only facts that exist when the sentence is told."""

import re
from collections.abc import Iterator

from contracts.checker.examples import fact_hint
from contracts.checker.workers import steps_handed_to
from contracts.contract import Lane
from contracts.facts import FactSchema
from contracts.grounds import stands_on_probes
from contracts.loading.facts import LaneSchemas
from contracts.loading.pages import Page, Word
from contracts.mistakes import Mistake, Pointer
from contracts.wording import places

_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_REQUEST = "request"


def sentence_mistakes(lane: Lane, page: Page, schemas: LaneSchemas) -> Iterator[Mistake]:
    """Every place in a sentence that no fact can fill, or that nothing fills any more when the task is done."""
    for at, sentence, schema in _sentences(lane, schemas):
        yield from _unknown(page, at, sentence, schema, schemas.whole)
    for part in ("done", "verified"):
        for path, word in _paths(getattr(lane.tell, part)):
            if stands_on_probes(lane, path):
                message = f"{path} was looked up for rules, and is not kept for this sentence"
                yield page.mistake(("tell", part), message, "Name a field of the state.", word=word)
    for path, word in _paths(lane.subject):
        if path.split(".")[0] != _REQUEST:
            message = f"{path} is not part of the request"
            yield page.mistake(("subject",), message, "A subject is known as soon as somebody asks.", word=word)


def _sentences(lane: Lane, schemas: LaneSchemas) -> Iterator[tuple[Pointer, str, FactSchema]]:
    tell = lane.tell
    yield ("subject",), lane.subject, schemas.asked
    yield ("tell", "accepted"), tell.accepted, schemas.asked
    yield ("tell", "promise"), tell.promise, schemas.asked
    yield ("tell", "done"), tell.done, schemas.whole
    yield ("tell", "verified"), tell.verified, schemas.whole
    for index, step in enumerate(lane.steps):
        yield ("steps", index, "progress"), step.progress, schemas.entering[step.name]
        if step.when is not None:
            yield ("steps", index, "when", "because"), step.when.because, schemas.starting[step.name]
    for name, worker in lane.workers.items():
        if worker.takes_over is not None:
            for step in steps_handed_to(lane, name):
                at: Pointer = ("workers", name, "takes_over", "because")
                yield at, worker.takes_over.because, schemas.handing[step.name]
    for index, one in enumerate(lane.require):
        yield ("require", index, "because"), one.because, schemas.before.get(one.before, schemas.whole)
    for index, failure in enumerate(lane.failures):
        yield ("failures", index, "sentence"), failure.sentence, schemas.failing
    yield from _of_edges(lane, schemas)


def _of_edges(lane: Lane, schemas: LaneSchemas) -> Iterator[tuple[Pointer, str, FactSchema]]:
    for index, edge in enumerate(lane.approve):
        schema = schemas.before.get(edge.before, schemas.whole)
        for field in ("because", "question", "moves"):
            yield ("approve", index, field), getattr(edge, field) or "", schema
        for field in ("state", "alternatives"):
            for number, line in enumerate(getattr(edge, field)):
                yield ("approve", index, field, number), line, schema


def _unknown(page: Page, at: Pointer, sentence: str, schema: FactSchema, whole: FactSchema) -> Iterator[Mistake]:
    known = places(sentence)
    for number, brace in enumerate(_BRACES.findall(sentence)):
        path = brace[1:-1]
        kind = schema.at(path)
        if kind is not None and not kind.fields and path in known:
            continue
        if path not in known:
            place = Word(brace, _BRACES, number)
            yield page.mistake(at, f"{brace} names no fact", "Write one like {request.order}.", word=place)
        elif kind is None and whole.at(path) is not None:
            place = Word(brace, _BRACES, number, around=1)
            yield page.mistake(at, f"{path} is not known yet when this is told", word=place)
        else:
            place = Word(brace, _BRACES, number, around=1)
            yield page.mistake(at, f"unknown fact {path}", fact_hint(path, schema), word=place)


def _paths(sentence: str) -> Iterator[tuple[str, Word]]:
    """Each place for a fact in a sentence, without its braces."""
    known = places(sentence)
    for number, brace in enumerate(_BRACES.findall(sentence)):
        if brace[1:-1] in known:
            yield brace[1:-1], Word(brace, _BRACES, number, around=1)
