"""Pairing of all dam sites for the seven atlas sizes, beside every pair judged one by one.

python benchmarks/bench_pairs.py [cells per side]      (default 4801)

The peer judges every two lakes of a sample by the same tests, without hash, sieve or order:
its answers are compared before any time is printed. The brute force of our ``--rules anu`` runs
on a tile of its own; its rules are others, so only rates stand beside ours. What was recorded
of the atlas program is from another terrain.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numba
import numpy as np
from harness import Case, Peer, measure, table
from terrain import SIDE, terrain

from geo.errors import Say
from geo.hydrology import Drainage, drainage
from siting.pumped.anu.pairing import brute_pairs
from siting.pumped.anu.search import anu_sites
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import Cap, DamSites
from siting.pumped.dams.section import parameters as dam_parameters
from siting.pumped.pairs._kernels import terms as t
from siting.pumped.pairs._kernels.judge import judge
from siting.pumped.pairs.find import find_pairs, rules_of
from siting.pumped.pairs.model import Pairs, Size
from siting.pumped.pairs.nodes import make_hash, make_nodes
from siting.pumped.pairs.options import SEVEN, parameters

SAMPLE = 150
#: Side of the tile on which the atlas rules pair by brute force [cells].
TILE = 1_200
THREADS = str(numba.get_num_threads())
RECORDED_S, WANTED_S = 100.7, 3.0
#: Every lower is kept, so that both sides give all pairs.
ALL = {"pair.keep": 200.0}


def every(dams: DamSites, sizes: tuple[Size, ...], drained: Drainage) -> set[tuple[int, ...]]:
    """Judge every two lakes for every size."""
    params = parameters(ALL)
    nodes = make_nodes(dams, (), min(s.energy_gwh for s in sizes), params, drained)
    near, rules = make_hash(nodes, (), params), rules_of(params)
    east, north = nodes.column(t.EAST), nodes.column(t.NORTH)
    row, found = np.empty(t.ROW), set()
    small = dams.catchment_m2[nodes.dam_row] <= 1e6 * params.number("upper_catchment_max_km2")
    for u in np.flatnonzero(small).tolist():
        for w in range(nodes.count):
            if u == w or nodes.column(t.HIGH)[u] <= nodes.column(t.LOW)[w]:
                continue
            feet = np.array([east[u], north[u], east[w], north[w]])
            for s, size in enumerate(sizes):
                reason = judge(
                    nodes.node, nodes.offset, nodes.level, nodes.volume, nodes.moment, nodes.dam,
                    nodes.crest, nodes.shore, nodes.place, nodes.step, nodes.levels,
                    near.x, near.y, near.owner, near.cell, near.box, rules, u, w, feet,
                    size.power_mw, size.hours, 0.0, -2, -2, row,
                )  # fmt: skip
                if reason == t.PAIRED:
                    found.add((int(nodes.dam_row[u]), int(nodes.dam_row[w]), s))
    return found


def same(pairs: Pairs, found: set[tuple[int, ...]]) -> bool:
    """Say whether both found the same pairs."""
    size = [
        min(range(len(SEVEN)), key=lambda s, p=p, h=h: abs(SEVEN[s].power_mw - p)
            + abs(SEVEN[s].hours - h))
        for p, h in zip(pairs.power_mw, pairs.hours, strict=True)
    ]  # fmt: skip
    mine = set(zip(pairs.upper.tolist(), pairs.lower.tolist(), size, strict=True))
    return mine == found and bool(found)


def spent(call: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor time of a second, warm call [s]."""
    call()
    start = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def rates(drained: Drainage, dem: np.ndarray, dams: DamSites) -> list[str]:
    """Return pairs tried a second: ours, and the restated atlas rules by brute force."""
    params = parameters({})
    own_s = spent(lambda: find_pairs(dams, (), SEVEN, params, drainage=drained))
    own = int(find_pairs(dams, (), SEVEN, params, drainage=drained)[1].tested[0])
    sites, _ = anu_sites(drained, dem)
    brute_s = spent(lambda: brute_pairs(sites, (), SEVEN))
    brute = sites.count * (sites.count - 1) * len(SEVEN)
    lines = [
        (
            f"Rates on a tile of {TILE} x {TILE} cells, seven sizes. Other rules: the brute force "
            "of our `--rules anu`, a restatement of the published method, tries every two of its "
            "own reservoirs; answers are not comparable, rates only, and its rate does not grow "
            "with the terrain while ours does."
        ),
        "",
        "| by | lakes | two lakes x sizes | wall [s] | processor [s] | million a second |",
        "|---|---|---|---|---|---|",
    ]
    for name, lakes, tried, taken in (
        ("find_pairs", dams.count, own, own_s),
        ("`--rules anu`, brute force (other rules)", sites.count, brute, brute_s),
    ):
        wall, cpu = taken
        lines.append(
            f"| {name} | {lakes:,} | {tried:,} | {wall:.2f} | {cpu:.2f} "
            f"| {tried / wall / 1e6:.1f} |"
        )
    return [*lines, ""]


def main() -> None:
    side = int(sys.argv[1]) if len(sys.argv) > 1 else SIDE
    dem, grid = terrain(side)
    drained = drainage(dem, grid)
    free = Cap(np.zeros(grid.shape, np.uint8), (Say("", ""),))
    dams, _ = find_dams(drained, dem, None, (free, free), dam_parameters({}))
    params = parameters({})
    x, y = dams.xy()
    middle = np.argsort(np.hypot(x - np.median(x), y - np.median(y)), kind="stable")
    part = dams.take(np.sort(middle[:SAMPLE]))
    cases = [
        Case(
            f"pairs of {part.count} dam sites, seven sizes",
            lambda: find_pairs(part, (), SEVEN, parameters(ALL), drainage=drained)[0],
            [Peer("every two lakes, one by one", "1", lambda: every(part, SEVEN, drained), same)],
            THREADS,
        )
    ]
    print("\n".join(table("Pairs of reservoirs", cases, ("numba", "numpy"))))
    find_pairs(part, (), SEVEN, params, drainage=drained)
    taken, memory, (pairs, audit) = measure(
        lambda: find_pairs(dams, (), SEVEN, params, drainage=drained), 3
    )
    start = time.process_time()
    find_pairs(dams, (), SEVEN, params, drainage=drained)
    cpu = time.process_time() - start
    print(
        f"{dams.count} dam sites on {side} x {side} cells, seven sizes, {THREADS} threads: "
        f"{taken:.2f} s ({cpu:.2f} s of processor), {memory:.0f} MiB added, "
        f"{audit.tested[0] / taken / 1e6:.0f} million pairs a second, {pairs.count} kept "
        f"(wanted {WANTED_S:g} s; the atlas program {RECORDED_S} s, 另一地形，仅供参考)\n"
    )
    print("| size | candidates in reach | with room | pass | s |")
    print("|---|---|---|---|---|")
    for size in SEVEN:
        one, _, (_, seen) = measure(
            lambda size=size: find_pairs(dams, (), (size,), params, drainage=drained), 1
        )
        counts = [int(seen.tested[k]) for k in (t.REACH, t.BORROW, t.ROCK)]
        print(
            f"| {size.energy_gwh:g} GWh, {size.hours:g} h | "
            + " | ".join(f"{n:,}" for n in counts) + f" | {one:.2f} |"
        )  # fmt: skip
    print(f"\ncandidates left after each test: {audit.tested.tolist()}\n")
    dem, grid = terrain(TILE)
    drained = drainage(dem, grid)
    free = Cap(np.zeros(grid.shape, np.uint8), (Say("", ""),))
    dams, _ = find_dams(drained, dem, None, (free, free), dam_parameters({}))
    print("\n".join(rates(drained, dem, dams)))


if __name__ == "__main__":
    main()
