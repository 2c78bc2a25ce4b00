"""Keeps the modals that people have open and the home tabs that the app published."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from sandbox.blockkit.inputs import initial_values
from sandbox.clock import Clock
from sandbox.config import TeamConfig
from sandbox.keeping import Keeper
from sandbox.refusals import Json, Refused

# https://docs.slack.dev/reference/methods/views.push: push_limit_reached, "currently the limit is 3".
STACK_DEPTH = 3


@dataclass(frozen=True, slots=True)
class OpenView:
    """A view as one person sees it. `values` is state.values, `errors` what stands beside the fields."""

    id: str
    user: str
    hash: str
    definition: Json
    values: Json
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] | None = None
    offered: dict[str, Json] | None = None

    @property
    def is_home(self) -> bool:
        """Whether it is a home tab, not a modal."""
        return bool(self.definition["type"] == "home")


class Views:
    """The open views of one team: a stack of at most three modals and one home tab per person."""

    def __init__(self, team: TeamConfig, *, keeper: Keeper, clock: Clock) -> None:
        self._team = team
        self._keeper = keeper
        self._clock = clock
        self._open: dict[str, OpenView] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}
        self.revision = 0
        self._recall()

    def open(self, user: str, definition: Json) -> OpenView:
        """A first modal; an older one of that person gives way."""
        for view_id in self._stacks.pop(user, []):
            self._open.pop(view_id, None)
        return self._show(user, definition, stack=[])

    def push(self, user: str, definition: Json) -> OpenView:
        """A further modal on the person's stack; raises Refused (not_found, push_limit_reached)."""
        stack = self._stacks.get(user, [])
        if not stack:
            raise Refused("not_found")
        if len(stack) >= STACK_DEPTH:
            raise Refused("push_limit_reached")
        return self._show(user, definition, stack=stack)

    def update(self, view: OpenView, definition: Json) -> OpenView:
        """New content under the same id with a new hash; input is kept where block_id and action_id stay.

        https://docs.slack.dev/surfaces/modals#updating_views
        """
        self._refuse_taken_external_id(definition, but=view.id)
        values = initial_values(definition["blocks"], kept=view.values)
        return self.put(replace(view, definition=definition, values=values, hash=self._new_hash(), errors=None))

    def publish(self, user: str, definition: Json, *, expected_hash: str | None) -> OpenView:
        """The person's home tab; raises Refused (hash_conflict)."""
        old = self.home(user)
        if expected_hash and old and old.hash != expected_hash:
            raise Refused("hash_conflict")
        self._refuse_taken_external_id(definition, but=old.id if old else None)
        view = self._new_view(user, definition, view_id=old.id if old else None)
        self._homes[user] = view.id
        self._keeper.keep(self._team.id, "home", key=user, body={"id": view.id, "definition": definition})
        return self.put(view)

    def put(self, view: OpenView) -> OpenView:
        """Store the new form of a view."""
        self._open[view.id] = view
        self.revision += 1
        return view

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> OpenView:
        """The view of that id; raises Refused (not_found)."""
        for view in self._open.values():
            if view.id == view_id or (external_id and view.definition.get("external_id") == external_id):
                return view
        raise Refused("not_found")

    def check_hash(self, view: OpenView, expected: str | None) -> None:
        """Raises Refused (hash_conflict) if the view changed since. https://docs.slack.dev/reference/methods/views.update."""
        if expected and expected != view.hash:
            raise Refused("hash_conflict")

    def close(self, view: OpenView) -> None:
        """Close one modal; what lies below it shows again."""
        self._open.pop(view.id, None)
        self._stacks[view.user] = [view_id for view_id in self._stacks.get(view.user, []) if view_id != view.id]
        self.revision += 1

    def clear(self, user: str) -> list[OpenView]:
        """Close the whole stack; returns what was open, topmost last."""
        closed = self.stack(user)
        for view in closed:
            self.close(view)
        return closed

    def stack(self, user: str) -> list[OpenView]:
        """The person's modals, topmost last."""
        return [self._open[view_id] for view_id in self._stacks.get(user, [])]

    def top(self, user: str) -> OpenView | None:
        """The modal that the person looks at."""
        return next(iter(reversed(self.stack(user))), None)

    def home(self, user: str) -> OpenView | None:
        """The person's home tab, if one was published."""
        view_id = self._homes.get(user)
        return self._open.get(view_id) if view_id else None

    def as_slack(self, view: OpenView) -> Json:
        """The view object. https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""
        given = view.definition
        defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
        flags: Json = {name: bool(given.get(name)) for name in ("clear_on_close", "notify_on_close", "submit_disabled")}
        identity: Json = {
            "id": view.id,
            "team_id": self._team.id,
            "app_id": self._team.app.id,
            "app_installed_team_id": self._team.id,
            "bot_id": self._team.app.bot_id,
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "state": {"values": view.values},
        }
        return {**defaults, **given, **flags, **identity}

    def _show(self, user: str, definition: Json, *, stack: list[str]) -> OpenView:
        self._refuse_taken_external_id(definition, but=None)
        view = self._new_view(user, definition)
        if stack:
            view = replace(view, root_id=stack[0], previous_id=stack[-1])
        self._stacks[user] = [*stack, view.id]
        return self.put(view)

    def _new_view(self, user: str, definition: Json, view_id: str | None = None) -> OpenView:
        named = view_id or "V" + secrets.token_hex(5).upper()
        values = initial_values(definition["blocks"], kept={})
        return OpenView(id=named, user=user, hash=self._new_hash(), definition=definition, values=values, root_id=named)

    def _new_hash(self) -> str:
        return f"{int(self._clock.now())}.{secrets.token_hex(4)}"

    def _refuse_taken_external_id(self, definition: Json, *, but: str | None) -> None:
        wanted: Any = definition.get("external_id")
        taken = (view for view in self._open.values() if view.definition.get("external_id") == wanted)
        if wanted and any(view.id != but for view in taken):
            raise Refused("duplicate_external_id")

    def _recall(self) -> None:
        for user, body in self._keeper.kept(self._team.id, "home"):
            view = self._new_view(user, body["definition"], view_id=body["id"])
            self._homes[user] = view.id
            self._open[view.id] = view
