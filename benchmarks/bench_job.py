"""Whole commands as a user types them: wall time, processor time and peak memory.

python benchmarks/bench_job.py

The first call compiles every kernel into an empty cache, the second finds them there.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: (what a reader sees, arguments of ``shiyan``)
COMMANDS = (
    ("run, 90 m, first call on a fresh install", ("run",)),
    ("run, 90 m, second call", ("run",)),
    ("run, 30 m", ("run", "--resolution", "30")),
    ("siting pumped, 30 m, 200 error fields", ("siting", "pumped", "--resolution", "30")),
    ("ledger pv, 90 m", ("ledger", "pv")),
    ("why at a point, 90 m", ("why", "110.79", "32.62")),
    ("why no storage at a point, 90 m", ("why", "110.79", "32.62", "--tech", "pumped")),
    ("--help", ("--help",)),
)


def spend(arguments: tuple[str, ...], home: Path) -> tuple[float, float, float]:
    """Run one command in ``home``; return wall [s], processor time [s] and peak memory [MiB]."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(home / "kernels")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "atlas", *arguments],
        cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.02)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"shiyan {' '.join(arguments)} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, peak


def resident(pid: int) -> float:
    """Return the largest memory that a process has held so far [MiB]."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    held = [line for line in text.splitlines() if line.startswith("VmHWM")]
    return int(held[0].split()[1]) / 1024 if held else 0.0


def main() -> None:
    """Print the table of whole commands."""
    print("### Whole commands, demo scene\n")
    print("| command | wall [s] | processor [s] | peak memory [MiB] |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        for name, arguments in COMMANDS:
            wall, used, peak = spend(arguments, Path(home))
            print(f"| {name} | {wall:.2f} | {used:.1f} | {peak:.0f} |", flush=True)
    print()


if __name__ == "__main__":
    main()
