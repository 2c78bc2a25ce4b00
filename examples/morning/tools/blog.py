"""Speaks to the blog's database: posts as they stand, what is wrong with them in the world, and publishing."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TypedDict

from chargehand import Seen, Transient, effect, reads

_POST = "select id, slug, title, description, text, image, target, status, sources, links from posts where id = ?"
_SLUG = "select 1 from posts where slug = ? and id <> ? and status = 'published'"
_LIKE = "select slug from posts where instr(slug, ?) = 1"
_DEAD = "select count(*) as dead from links where post = ? and not alive"
_IMAGE = "select reachable from images where url = ?"
_PUBLISH = "insert into publications (post, slug, key, at) values (?, ?, ?, ?)"
_PUBLISHED = "select id, post, slug, at from publications where key = ? order by id"
_WITHDRAW = "insert into withdrawals (post, publication, key, at) values (?, ?, ?, ?)"
_WITHDRAWN = "select id, post, publication, at from withdrawals where key = ? order by id"


class Post(TypedDict):
    """A post as the blog has it; `sources` and `links` are addresses."""

    id: str
    slug: str
    title: str
    description: str
    text: str
    image: str
    target: str
    status: str
    sources: list[str]
    links: list[str]


class Publication(TypedDict):
    """A publication that the blog has just made."""

    reference: str
    at: int


class Blog:
    """The blog at `path`, a SQLite file. Every method raises Transient when it is locked or gone."""

    def __init__(self, *, path: str) -> None:
        self._address = f"{Path(path).absolute().as_uri()}?mode=rw"

    @reads()
    def post(self, *, number: str) -> Post | None:
        """The post of that number, or None."""
        row = self._one(_POST, number)
        lists = {name: json.loads(row[name]) for name in ("sources", "links")} if row else {}
        return Post(**{**dict(row), **lists}) if row else None

    @reads()
    def slug_taken(self, *, slug: str, post: str) -> bool:
        """Whether another published post has that slug."""
        return self._one(_SLUG, slug, post) is not None

    @reads()
    def free_slug(self, *, wish: str) -> str:
        """The first of wish-2, wish-3 and so on that no post has."""
        with self._open() as blog:
            taken = {row["slug"] for row in blog.execute(_LIKE, (f"{wish}-",))}
        return next(slug for number in count(2) if (slug := f"{wish}-{number}") not in taken)

    @reads(timeout_s=10.0)
    def dead_links(self, *, post: str) -> int:
        """How many internal links of a post lead nowhere."""
        row = self._one(_DEAD, post)
        return int(row["dead"]) if row else 0

    @reads(timeout_s=10.0)
    def image_reachable(self, *, url: str) -> bool:
        """Whether an image can be fetched."""
        row = self._one(_IMAGE, url)
        return bool(row["reachable"]) if row else False

    @effect("readable", look="publication_by_key", blast="public")
    def publish(self, *, post: str, slug: str, key: str) -> Publication:
        """Show a post to everybody."""
        at = int(time.time())
        with self._open() as blog, blog:
            number = blog.execute(_PUBLISH, (post, slug, key, at)).lastrowid
            blog.execute("update posts set status = 'published', slug = ? where id = ?", (slug, post))
        return Publication(reference=str(number), at=at)

    def publication_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The first publication that carries `key`."""
        row = self._one(_PUBLISHED, key)
        return Seen(str(row["id"]), {"post": row["post"], "slug": row["slug"]}, row["at"]) if row else None

    @effect("readable", look="withdrawal_by_key", blast="public")
    def withdraw(self, *, post: str, reference: str, key: str) -> Publication:
        """Take the publication `reference` of a post back: it is a draft again."""
        at = int(time.time())
        with self._open() as blog, blog:
            number = blog.execute(_WITHDRAW, (post, reference, key, at)).lastrowid
            blog.execute("update posts set status = 'draft' where id = ?", (post,))
        return Publication(reference=str(number), at=at)

    def withdrawal_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The first withdrawal that carries `key`."""
        row = self._one(_WITHDRAWN, key)
        return Seen(str(row["id"]), {"post": row["post"], "reference": row["publication"]}, row["at"]) if row else None

    def _one(self, query: str, *values: str) -> sqlite3.Row | None:
        with self._open() as blog:
            row: sqlite3.Row | None = blog.execute(query, values).fetchone()
        return row

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._address, uri=True, timeout=1.0)) as blog:
                blog.row_factory = sqlite3.Row
                yield blog
        except sqlite3.DatabaseError as error:
            raise Transient("The blog's database can't be reached.", cause="blog") from error
