"""Answers "did we already do that?" from the record."""

import re

from sqlalchemy import ColumnElement, Text, cast, or_, select

from engine.telling import TaskView, task_view
from storage.database import Unit
from storage.tables.work import tasks

_NAME = re.compile(r"[Tt]-(\d{1,15})")


def find(unit: Unit, text: str, *, limit: int = 10) -> list[TaskView]:
    """The newest tasks whose subject, request, summary or number has all the words of `text`."""
    query = select(tasks.c.number).where(tasks.c.company == unit.company)
    for word in text.split()[:8]:
        query = query.where(_has(word))
    numbers = unit.connection.execute(query.order_by(tasks.c.number.desc()).limit(limit)).scalars()
    return [task_view(unit, number) for number in numbers]


def _has(word: str) -> ColumnElement[bool]:
    named = _NAME.fullmatch(word)
    if named:
        return tasks.c.number == int(named[1])
    places = (tasks.c.subject, cast(tasks.c.request, Text), cast(tasks.c.told, Text))
    return or_(*(place.icontains(word, autoescape=True) for place in places))
