"""How every process logs: one JSON object a line, events and ids, never texts, addresses, secrets or local variables."""

import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO, cast

import structlog

from chargehand.errors import report


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Forgiving:
    """A log file that loses lines on a full disk, where another would end whoever has something to say."""

    file: TextIO

    def write(self, text: str) -> None:
        """Write it, if there is room."""
        with suppress(OSError):
            self.file.write(text)

    def flush(self) -> None:
        """Hand over what was written, if there is room."""
        with suppress(OSError):
            self.file.flush()


def lines_to(file: TextIO) -> structlog.WriteLoggerFactory:
    """Makes loggers that write lines to a file as far as its disk has room."""
    return structlog.WriteLoggerFactory(file=cast(TextIO, Forgiving(file)))


def configure() -> None:
    """Set up logging for this process; libraries speak from warnings on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            report,
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lines_to(sys.stdout),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
