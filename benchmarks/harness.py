"""One way to measure: answers compared first, then medians of warm runs, in one process.

A benchmark is a list of cases; each case has our call, its peers (left out where the peer
is not installed: the ``bench`` extra brings them), and a check that both give the same
answer. The table prints versions, thread counts, medians, ratios and the memory a call adds.
"""

from __future__ import annotations

import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
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
    """Return the median of ``runs`` warm calls [s], the memory a call adds [MiB], the answer."""
    answer = call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - start)
    return statistics.median(times), _added_memory(call), answer


def _added_memory(call: Call) -> float:
    """Return the resident memory above the level before the call [MiB], sampled each 2 ms."""
    before, peak, done = _resident(), 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, _resident())
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    call()
    done.set()
    watcher.join()
    return max(peak - before, 0.0)


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as source:  # noqa: PTH123
        return int(source.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def table(title: str, cases: Sequence[Case], packages: Sequence[str]) -> list[str]:
    """Run the cases and return a Markdown table; raises when two answers differ."""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    lines = [
        f"### {title}",
        "",
        f"{machine}; {_versions(packages)}; median of {RUNS} warm runs.",
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
