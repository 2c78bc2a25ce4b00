"""Limits of the product that a machine which stands still for a few seconds reaches by itself: tests of one set their own."""

import importlib
from collections.abc import Mapping

import pytest

AMPLE_S = 60.0
FRESH_S = 20.0
"""Less than the age of what tests call too old."""
LIMITS: Mapping[str, Mapping[str, float]] = {
    "notifications.slack.calling": {"CALL_S": AMPLE_S, "CONNECT_S": AMPLE_S},
    "notifications.mail.sending": {"COMMAND_S": AMPLE_S, "BEFORE_DOT_S": AMPLE_S, "DOT_S": AMPLE_S},
    "gateway.app": {"FIRST_LOOK_S": AMPLE_S},
    "gateway.slack.edge": {"LATEST_S": AMPLE_S},
    "gateway.slack.case": {"TRIGGER_S": FRESH_S},
    "gateway.slack.telling": {"TIMEOUT_S": AMPLE_S},
    "gateway.slack.bolt": {"TIMEOUT_S": AMPLE_S},
    "storage.database": {"FREE_WITHIN_S": AMPLE_S},
    "storage.receipts": {"LONGEST_S": AMPLE_S},
}
STOPPING: Mapping[str, Mapping[str, float]] = {
    "engine.pool": {"_GRACE_S": AMPLE_S},
    "gateway.bringing": {"LAST_S": AMPLE_S},
}
"""Who is asked to stop ends what it has in hand, however slow its machine is."""
WAKING: Mapping[str, Mapping[str, float]] = {
    "engine.wakeups": {"LIMIT_S": 10.0},
    "engine.batch": {"LONG_STEP_S": AMPLE_S},
    "engine.moving_together": {"SURE_S": AMPLE_S},
}
"""A wake-up that is given up costs time until the next sweep, and what waits behind a long step goes to another runner:
in a test nobody sweeps, and there is no other.
"""


def unhurry(patch: pytest.MonkeyPatch, *limits: Mapping[str, Mapping[str, float]]) -> None:
    """Give what is under test as long as it takes, until the patch is undone."""
    for module, values in (one for some in limits for one in some.items()):
        for name, seconds in values.items():
            patch.setattr(importlib.import_module(module), name, seconds)
    patch.setitem(importlib.import_module("storage.silence").LIMITS, "connect_timeout", int(AMPLE_S))
    receipts = importlib.import_module("storage.receipts")
    patch.setitem(receipts._PATIENCE, "connect_timeout", int(AMPLE_S))
    patch.setitem(receipts._PATIENCE, "options", f"-c statement_timeout={int(AMPLE_S * 1000)}")
