"""Dam sites and lakes of power-law curves, and every pair of them by plain Python."""

from __future__ import annotations

import math

import numpy as np
from rasterio.transform import from_origin
from scipy.optimize import brentq
from shapely.geometry import Polygon

from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from geo.sourced import Sourced
from siting.pumped.dams.model import DamSites
from siting.pumped.lakes.model import ExistingLake, LevelVolume

CELL = 30.0
G = 9.81


def make_dams(n=40, seed=0, km=12.0, heights=121, relief=700.0):
    """Return feet anywhere on a square of ``km``, V = a h^b, catchments apart from each other."""
    rng = np.random.default_rng(seed)
    side = int(km * 1000 / CELL)
    grid = Grid("EPSG:4546", from_origin(400_000, 3_600_000, CELL, CELL), (side, side))
    h = np.arange(heights)
    a, b = 10 ** rng.uniform(1.5, 3.0, n), rng.uniform(1.8, 2.8, n)
    volume = a[:, None] * h ** b[:, None]
    crest = 20 + rng.uniform(2, 5, n)[:, None] * h
    dam = crest * (h + 1.5) * (10 + 1.4 * (h + 1.5)) / 2
    dam[rng.random(n) < 0.1, heights // 2 :] = np.nan
    hard = np.where(rng.random(n) < 0.4, rng.uniform(0, heights, n), np.inf)
    soft = np.where(rng.random(n) < 0.4, np.minimum(hard, rng.uniform(0, heights, n)), hard)
    return DamSites(
        grid,
        rng.integers(0, side, n).astype(np.int32),
        rng.integers(0, side, n).astype(np.int32),
        rng.uniform(100, 100 + relief, n).astype(np.float32),
        10 ** rng.uniform(5.0, 7.5, n),
        np.zeros(n, np.int8),
        volume.astype(np.float32),
        np.gradient(volume, axis=1).astype(np.float32),
        dam.astype(np.float32),
        crest.astype(np.float32),
        np.stack([hard, soft], axis=1).astype(np.float32),
        np.full((n, 2), -1, np.int16),
        np.where(np.arange(n) % 7 == 1, np.arange(n) * 10 - 8, np.arange(n) * 10).astype(np.int32),
        np.where(np.arange(n) % 7 == 1, 2, 10).astype(np.int32),
    )


def make_lake(x, y, dead, normal, mm3, share=0.1, radius=900.0, points=60, name="湖"):
    """Return a round lake of three knots."""
    turn = np.linspace(0, 2 * math.pi, points, endpoint=False)
    shore = np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)
    volume = mm3 * 1e6
    return ExistingLake(
        name, "reservoir", Polygon(shore), math.pi * radius**2,
        Sourced(normal, "m", source="S1"), Sourced(dead, "m", source="S1"),
        LevelVolume(np.array([dead, (dead + normal) / 2, normal]),
                    np.array([0.0, 0.4 * volume, volume]), Say("试", "test")),
        share * volume, True, "", "", shore, (), Passport(),
    )  # fmt: skip


class Lake:
    """One lake of the oracle."""

    def __init__(self, name, level, volume, points, foot, dead, high, new, lend, least, cap):
        self.name, self.level, self.volume, self.points = name, level, volume, points
        self.foot, self.dead, self.high, self.new = foot, dead, high, new
        self.lend, self.least, self.cap = lend, least, cap

    def band(self, water, share, start):
        if self.new:
            top = max(water / (1 - share), self.least)
            return top - water, top
        bottom = start * (self.volume[-1] - water)
        return bottom, bottom + water

    def at(self, volume):
        return float(np.interp(volume, self.volume, self.level))

    def mean(self, bottom, top):
        knots = self.volume[(self.volume > bottom) & (self.volume < top)]
        edges = np.concatenate([[bottom], knots, [top]])
        levels = np.interp(edges, self.volume, self.level)
        return float(np.trapezoid(levels, edges) / (top - bottom))


def lakes_of(dams, lakes, params):
    """Return the lakes of the oracle, new ones first."""
    share, most = params.number("dead_share"), params.number("wall_max_m")
    low = params.number("wall_min_m")
    x, y = dams.xy()
    out = []
    for i in range(dams.count):
        top = min(float(dams.cap_m[i, 0]), most, dams.heights - 1)
        h = np.arange(dams.heights)
        volume = dams.volume_m3[i].astype(float)
        full = float(np.interp(top, h, volume))
        foot = float(dams.foot_m[i])
        out.append(
            None if top < low
            else Lake(i, foot + h, volume, np.array([[x[i], y[i]]]), foot, foot, foot + top, True,
                      (1 - share) * full, float(np.interp(low, h, volume)),
                      float(dams.cap_m[i, 1]))
        )  # fmt: skip
    for k, one in enumerate(lakes):
        level, usable = one.curve.level_m, one.curve.usable_m3
        out.append(
            Lake(-1 - k, level, usable, one.shore, level[0], level[0], level[-1], False,
                 min(one.borrow_m3, usable[-1]), 0.0, math.inf)
        )  # fmt: skip
    return out


def net_of(gross, length, power, params):
    """Return the net head by root finding, not by the quadratic."""
    eta, v, f = (params.number(key) for key in ("efficiency", "velocity", "friction"))
    count = max(math.ceil(power / params.number("tunnel_mw")), 1)
    space = math.hypot(length, gross)

    def error(net):
        flow = power * 1e6 / (1000 * G * eta * net)
        wide = math.sqrt(4 * flow / (count * math.pi * v))
        return gross - f * space / wide * v * v / (2 * G) - net

    return brentq(error, 1e-6, gross, xtol=1e-13, rtol=1e-14)


def brute(dams, lakes, sizes, params):
    """Return {(upper, lower, size): numbers} of every pair that passes, by plain loops."""
    table = lakes_of(dams, lakes, params)
    share, eta = params.number("dead_share"), params.number("efficiency")
    start = (params.number("upper_start"), params.number("lower_start"))
    least = {
        (True, True): params.number("head_min_greenfield_m"),
        (True, False): params.number("head_min_bluefield_m"),
        (False, True): params.number("head_min_bluefield_m"),
        (False, False): params.number("head_min_existing_m"),
    }
    found = {}
    for u in table:
        if u is None or (u.new and dams.catchment_m2[u.name] > 1e6 * params.number(
            "upper_catchment_max_km2")):  # fmt: skip
            continue
        for w in table:
            if w is None or w is u:
                continue
            space = np.hypot(*(u.points[:, None, :] - w.points[None, :, :]).transpose(2, 0, 1))
            length = float(space.min())
            for s, size in enumerate(sizes):
                asked = size.energy_gwh

                def gross(water, u=u, w=w):
                    high = u.mean(*u.band(water, share, start[0]))
                    return high - w.mean(*w.band(water, share, start[1]))

                def energy(water, gross=gross, length=length, size=size):
                    head = gross(water)
                    net = net_of(head, length, size.power_mw, params) if head > 0 else head
                    return 1000 * G * eta * water * net / 3.6e12

                lend = min(u.lend, w.lend)
                if lend <= 0 or energy(lend) < asked:
                    continue
                water = brentq(lambda x, f=energy, e=asked: f(x) - e, 1e-3, lend, rtol=1e-13)
                row = judge(dams, u, w, water, gross(water), length, size, params, start,
                            least[u.new, w.new])  # fmt: skip
                if row is not None:
                    found[u.name, w.name, s] = row
    return found


def judge(dams, u, w, water, gross, length, size, params, start, least):
    """Return the numbers of one pair, None where a test fails."""
    share = params.number("dead_share")
    ub, ut = u.band(water, share, start[0])
    wb, wt = w.band(water, share, start[1])
    levels = (u.at(ut), u.at(ub), w.at(wt), w.at(wb))
    if u.new and w.new:
        nest = lambda a, b: (  # noqa: E731
            dams.start[b] <= dams.start[a] < dams.start[b] + dams.cells[b]
        )
        if nest(u.name, w.name) and levels[2] > u.foot:
            return None
        if not nest(u.name, w.name) and nest(w.name, u.name) and levels[0] > w.foot:
            return None
    highest = (levels[0] if u.new else u.high) - (levels[3] if w.new else w.dead)
    lowest = (levels[1] if u.new else u.dead) - (levels[2] if w.new else w.high)
    if gross < least or lowest <= 0 or highest > params.number("head_max_m"):
        return None
    if length > params.number("lh_max") * gross:
        return None
    rock, capped = 0.0, True
    for one, level in ((u, levels[0]), (w, levels[2])):
        if one.new:
            k = min(int(level - one.foot), dams.heights - 2)
            t = level - one.foot - k
            dam = dams.dam_m3[one.name].astype(float)
            rock += dam[k] * (1 - t) + dam[k + 1] * t if t > 0 else dam[k]
            capped &= level - one.foot <= one.cap
    if math.isnan(rock) or water < params.number("water_rock_min") * rock:
        return None
    net = net_of(gross, length, size.power_mw, params)
    flow = size.power_mw * 1e6 / (1000 * G * params.number("efficiency") * net)
    bore = flow / params.number("velocity") * math.hypot(length, gross)
    quick = (rock + params.number("tunnel_weight") * bore) / (size.power_mw * 1e3)
    return {
        "water": water, "levels": levels, "gross": gross, "highest": highest, "lowest": lowest,
        "length": length, "loss": gross - net, "flow": flow, "rock": rock, "capped": capped,
        "quick": quick,
    }  # fmt: skip


def best_of(found, keep):
    """Return the keys that the search keeps: the best few of each upper, size and way."""
    groups = {}
    for (u, w, s), row in found.items():
        groups.setdefault((u, s, row["capped"]), []).append((row["quick"], w))
    return {
        (u, w, s)
        for (u, s, _), rows in groups.items()
        for _, w in sorted(rows, key=lambda one: one[0])[:keep]
    }
