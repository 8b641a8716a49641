"""One way to measure: answers compared first, then medians of warm runs, in one process.

A benchmark is a list of cases; each case has our call, its peers (left out where the peer
is not installed: the ``bench`` extra brings them), and a check that both give the same
answer. The table prints versions, thread counts, medians, ratios and the memory a call adds.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RUNS = 5
Call = Callable[[], Any]


@dataclass(frozen=True)
class Peer:
    """Another program doing the same work; ``call`` is None where it is not installed."""

    name: str
    threads: str
    call: Call | None
    same: Callable[[Any, Any], bool] = field(default=lambda ours, theirs: bool(ours == theirs))


@dataclass(frozen=True)
class Case:
    """One piece of work: our call and its peers."""

    name: str
    call: Call
    peers: Sequence[Peer] = ()
    threads: str = "1"


def measure(call: Call, runs: int = RUNS) -> tuple[float, float, Any]:
    """Return the median of warm calls [s], the memory a call adds [MiB], the answer.

    A call of more than three seconds is repeated three times only, of more than half a
    minute once: such figures do not hang on the noise of a call.
    """
    start = time.perf_counter()
    answer = call()
    first = time.perf_counter() - start
    times, added = [], 0.0
    for _ in range(1 if first > 30 else min(runs, 3) if first > 3 else runs):
        answer = None  # one answer at a time, as in the program itself
        before = _mark()
        start = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - start)
        added = max(added, _high_water() - before)
    return statistics.median(times), max(added, 0.0), answer


def _mark() -> float:
    """Begin the process's high-water mark of memory anew and return it [MiB]."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _high_water()


def _high_water() -> float:
    """Return the most memory held since the mark [MiB]; a compiled loop lets no thread sample."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def table(title: str, cases: Sequence[Case], packages: Sequence[str]) -> list[str]:
    """Run the cases and return a Markdown table; raises when two answers differ."""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    lines = [
        f"### {title}",
        "",
        f"{machine}; {_versions(packages)}; median of {RUNS} warm runs, fewer of long ones.",
        "",
        "| work | by | threads | median [s] | added MiB | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for case in cases:
        ours, memory, answer = measure(case.call)
        lines.append(
            f"| {case.name} | **shiyan-atlas** | {case.threads} | {ours:.4f} | {memory:.0f} | 1 |"
        )
        for peer in case.peers:
            if peer.call is None:
                lines.append(f"| {case.name} | {peer.name} | | not installed | | |")
                continue
            theirs, used, other = measure(peer.call)
            if not peer.same(answer, other):
                raise SystemExit(f"{case.name}: {peer.name} gives another answer")
            figures = f"{theirs:.4f} | {used:.0f} | {theirs / ours:.2f}"
            lines.append(f"| {case.name} | {peer.name} | {peer.threads} | {figures} |")
    return [*lines, ""]


def _versions(packages: Sequence[str]) -> str:
    found = []
    for name in packages:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join(found)
