"""A skipped test proves nothing, so a run that skips one fails: but for what only the machine's owner can allow."""

from collections.abc import Generator

import pytest

MAY_NOT_MOUNT = "nobody may mount a disk here"
"""No package brings that right, so those who lack it run everything else."""


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
    if report.skipped and not hasattr(report, "wasxfail") and MAY_NOT_MOUNT not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped; what it needs must be there: {report.longrepr}"
