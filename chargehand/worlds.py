"""Builds the outside world that an example company works on, so that trying it needs no accounts."""

import importlib.util
from pathlib import Path

WORLD = "world.py"


def build(folder: Path, home: Path) -> bool:
    """Run `build(home)` of a business folder's world.py; False when it has none."""
    path = folder / WORLD
    spec = importlib.util.spec_from_file_location(f"chargehand_world_{folder.name}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        return False
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build(home)
    return True
