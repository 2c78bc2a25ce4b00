"""Makes pages from templates: everything that people wrote stands in them as text, and no script is in any."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent / "templates"


def page(template: str, *, status: int = 200, **told: Any) -> HTMLResponse:
    """The page of a template with what it tells."""
    return HTMLResponse(_templates().get_template(template).render(**told), status_code=status)


@cache
def stylesheet() -> str:
    """The one stylesheet of all pages."""
    return (_HERE / "page.css").read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
