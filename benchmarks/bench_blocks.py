"""Block runner beside the whole array: overhead, memory, and cost from 1e6 to 1e8 cells.

python benchmarks/bench_blocks.py [million cells ...]      (default 1 10 100)
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from geo.blocks import BLOCK, run_blocks
from geo.blockwise import mask_of, slope_kernel, within_kernel
from geo.distance import within
from geo.grid import Grid
from geo.terrain import slope_aspect

RADIUS = 1000.0
RUNS = 3


def scene(cells: float) -> tuple[Grid, np.ndarray]:
    """Return a grid of ``cells`` million 30 m cells and a made-up relief on it [m]."""
    side = round((cells * 1e6) ** 0.5)
    grid = Grid("EPSG:4546", Affine(30, 0, 353_700, 0, -30, 3_684_600), (side, side))
    y, x = np.arange(side, dtype=np.float32)[:, None], np.arange(side, dtype=np.float32)[None, :]
    return grid, 900 + 400 * np.sin(x / 37) * np.cos(y / 53) + 90 * np.sin((x + y) / 11)


def memory(field: str) -> float:
    """Return the resident memory of this process, now (VmRSS) or at most (VmHWM) [MiB]."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def works(grid: Grid, dem: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Return the calls that are compared, by name."""
    mask = np.zeros(grid.shape, np.bool_)
    mask[90::211, 70::173] = True
    out = Path(tempfile.mkdtemp()) / "slope.tif"
    return {
        "slope, whole": lambda: slope_aspect(dem, grid)[0],
        "slope, blocks": lambda: run_blocks(slope_kernel(), [dem], grid),
        "slope, blocks to a file": lambda: run_blocks(slope_kernel(), [dem], grid, out=out),
        "disc, whole": lambda: within(mask, grid, RADIUS),
        "disc, blocks": lambda: run_blocks(within_kernel(RADIUS), [mask_of(mask)], grid),
    }


def one(cells: float, name: str) -> None:
    """Print time [s] and added peak memory [MiB] of one work, alone in its process."""
    small = scene(0.04)
    works(*small)[name]()  # compiled before the clock runs
    grid, dem = scene(cells)
    call = works(grid, dem)[name]
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    before = memory("VmRSS")
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    print(f"{min(times)} {max(memory('VmHWM') - before, 0.0)}")


def main(sizes: list[float]) -> None:
    """Check that blocks give the bytes of the whole array, then print the table."""
    grid, dem = scene(6)
    whole, parts = (works(grid, dem)[name]() for name in ("slope, whole", "slope, blocks"))
    if whole.tobytes() != parts.tobytes():
        raise SystemExit("slope: blocks give another answer")
    whole, parts = (works(grid, dem)[name]() for name in ("disc, whole", "disc, blocks"))
    if not np.array_equal(whole, parts.view(np.bool_)):
        raise SystemExit("disc: blocks give another answer")
    print(
        f"### Blocks of {BLOCK} x {BLOCK} cells against the whole array, disc of {RADIUS:.0f} m\n"
    )
    print("| work | million cells | best [s] | ns a cell | added MiB |\n|---|---|---|---|---|")
    for name in works(*scene(0.01)):
        for cells in sizes:
            command = [sys.executable, __file__, "--one", str(cells), name]
            answer = subprocess.run(  # noqa: S603 - our own program
                command, check=True, capture_output=True, text=True
            )
            seconds, added = map(float, answer.stdout.split())
            row = f"{seconds:.3f} | {seconds * 1e3 / cells:.1f} | {added:.0f}"
            print(f"| {name} | {cells:g} | {row} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(float(sys.argv[2]), sys.argv[3])
    else:
        main([float(a) for a in sys.argv[1:]] or [1.0, 10.0, 100.0])
