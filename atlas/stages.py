"""Stages: progress on stderr and in the log, with time, compilation and memory of each."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from numba.core import event


def peak_mib() -> float:
    """Return the largest resident memory of this process so far [MiB]; NaN where unknown."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    # ru_maxrss is in KiB on Linux and in bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


@dataclass(frozen=True, slots=True)
class StageTime:
    """What one stage took. ``seconds`` includes ``compile_seconds``."""

    name: str
    seconds: float
    compile_seconds: float
    peak_mib: float


class _CompileClock(event.Listener):
    """Sum of the outermost compilation times that numba reports."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._since = 0.0

    def on_start(self, _event: object) -> None:
        if self._depth == 0:
            self._since = time.perf_counter()
        self._depth += 1

    def on_end(self, _event: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._since


@dataclass
class Stages:
    """Stopwatch of a run.

    Parameters
    ----------
    stream
        Where progress lines go, usually ``sys.stderr``; None = silent.
    """

    stream: TextIO | None = None
    done: list[StageTime] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    _start: float = field(default_factory=time.perf_counter)
    _clock: _CompileClock = field(default_factory=_CompileClock)

    def say(self, text: str) -> None:
        """Write one progress line."""
        line = f"[{time.perf_counter() - self._start:7.1f} s] {text}"
        self.lines.append(line)
        if self.stream is not None:
            self.stream.write(line + "\n")
            self.stream.flush()

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time a stage; yields :meth:`say` for its inner progress."""
        self.say(name)
        began, compiled = time.perf_counter(), self._clock.seconds
        try:
            with event.install_listener("numba:compile", self._clock):
                yield self.say
        finally:
            seconds = time.perf_counter() - began
            self.done.append(StageTime(name, seconds, self._clock.seconds - compiled, peak_mib()))

    def table(self) -> list[str]:
        """Return the stage-by-stage summary; compilation is a row of its own."""
        rows = [f"{'阶段':<24}{'秒':>9}{'峰值 MiB':>11}"]
        rows += [
            f"{one.name:<24}{one.seconds - one.compile_seconds:>9.1f}{one.peak_mib:>11.0f}"
            for one in self.done
        ]
        compiled = sum(one.compile_seconds for one in self.done)
        total = sum(one.seconds for one in self.done)
        rows.append(f"{'编译（首次运行）':<24}{compiled:>9.1f}")
        rows.append(f"{'合计':<24}{total:>9.1f}")
        return rows
