"""Real files and browsers: found, counted, and never skipped where they exist."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
COUNTED = ("real", "browser")

# a shared machine may stall any example; CI tries the same examples every time
settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("house")

skipped: Counter[str] = Counter()
#: Seconds spent in each kind of test: CI has a budget for each.
spent: dict[str, float] = {"tests": 0.0, "browser": 0.0, "notebooks": 0.0}


def real_folder() -> Path:
    """Return the folder of real files named by ``SHIYAN_TEST_DATA``."""
    named = Path(os.environ.get("SHIYAN_TEST_DATA", "../shared/data"))
    return named if named.is_absolute() else (ROOT / named).resolve()


def must_run(name: str) -> bool:
    """Tell whether a skipped test with the marker ``name`` is a failure here."""
    if name == "real":
        return real_folder().is_dir()
    return os.environ.get("CI", "").lower() == "true"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real files; tests that use it carry the marker ``real``."""
    folder = real_folder()
    if not folder.is_dir():
        pytest.skip(f"no real files at {folder}")
    return folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("real") and not real_folder().is_dir():
        pytest.skip(f"no real files at {real_folder()}")


@pytest.fixture(scope="session")
def bureau_delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder shaped like a bureau's delivery; every feature in it is made up.

    三区三线下发版.gdb (Chinese layer names, zone 37), 水源地.shp (GBK, no .cpg, no .prj, eastings
    of eight digits), 郧西县林地小班.shp (GBK, no .cpg, one county).
    """
    import importlib.util

    file = Path(__file__).with_name("delivery.py")
    spec = importlib.util.spec_from_file_location("shiyan_test_delivery", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("送审 数据")
    module.make(folder)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not report.skipped or hasattr(report, "wasxfail"):
        return report
    for name in COUNTED:
        if item.get_closest_marker(name):
            skipped[name] += 1
            if must_run(name):
                report.outcome = "failed"
                report.longrepr = f"a {name} test was skipped where it must run: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # the notebooks lie outside this folder: only the reporter has seen their reports
    for report in (one for many in terminalreporter.stats.values() for one in many):
        if isinstance(report, pytest.TestReport):
            notebook = report.nodeid.partition("::")[0].endswith(".ipynb")
            browser = "browser" in report.keywords
            spent["notebooks" if notebook else "browser" if browser else "tests"] += report.duration
    times = ", ".join(f"{kind} {seconds:.0f}" for kind, seconds in spent.items())
    terminalreporter.write_line(f"seconds: {times}")
    parts = ", ".join(f"{name} {skipped[name]}" for name in COUNTED)
    terminalreporter.write_line(f"skipped for want of files or a browser: {parts}")
