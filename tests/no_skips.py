"""A skipped test proves nothing, so a run that skips one fails."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> Generator[None]:
    """Turn a skipped test into a failed one; reports of xdist's workers pass through here too."""
    _refuse_skip(report)
    yield


@pytest.hookimpl(wrapper=True)
def pytest_collectreport(report: pytest.CollectReport) -> Generator[None]:
    """Turn a skipped module into a failed one."""
    _refuse_skip(report)
    yield


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped; what it needs must be there: {report.longrepr}"
