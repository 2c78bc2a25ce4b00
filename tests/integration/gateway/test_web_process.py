"""The gateway's process is made so that a form, and Slack's answer, wait for nobody in it."""

import sys
from contextlib import nullcontext

import pytest
import uvicorn
from pydantic import SecretStr

from chargehand.processes import web
from chargehand.settings import Settings
from tests.integration.gateway.world import SECRET, SIGNING, World


def test_it_serves_with_short_turns_and_with_its_memory_kept_for_life(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, before = list[object](), sys.getswitchinterval()
    secrets = {"CHARGEHAND_SECRET": SecretStr(SECRET), "SLACK_SIGNING_SECRET": SecretStr(SIGNING)}
    monkeypatch.setattr(web, "deployment", lambda *_, **__: nullcontext(world.deployment))
    monkeypatch.setattr(web, "install_app", lambda *_, **__: None)
    monkeypatch.setattr(web, "keep_for_life", lambda: done.append("kept"))
    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: done.append(sys.getswitchinterval()))

    try:
        web.run(Settings.model_validate(secrets))
    finally:
        sys.setswitchinterval(before)

    assert done == ["kept", pytest.approx(web.TURN_S)]
    assert before > web.TURN_S
