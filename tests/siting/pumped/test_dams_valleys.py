"""Lakes and dams of valleys with closed forms, to 1 %."""

from __future__ import annotations

import numpy as np
import pytest

from siting.pumped.dams.model import D8_WALL
from tests.siting.pumped._valleys import cone, modelled, paraboloid, trapezoid, vee

FREEBOARD = 1.5


def check(sites, i, valley, heights, tolerance=0.01, above=0.0):
    for h in heights:
        got = [sites.volume_m3[i, h], sites.area_m2[i, h], sites.dam_m3[i, h]]
        got.append(sites.crest_length_m[i, h])
        crest = h + above + FREEBOARD
        wanted = [
            valley.volume(h + above),
            valley.area(h + above),
            valley.dam(crest),
            valley.crest(crest),
        ]
        assert got == pytest.approx(wanted, rel=tolerance), h


@pytest.mark.parametrize("degrees", [0, 45, 90])
@pytest.mark.parametrize("make", [vee, trapezoid, cone])
def test_valleys_with_a_closed_form(make, degrees):
    sites, i, _ = modelled(make(), degrees)
    assert sites.axis[i] == degrees / 22.5
    check(sites, i, make(), (30, 45, 55))
    assert sites.foot_m[i] == pytest.approx(3000.0)


@pytest.mark.parametrize("degrees", [0, 90])
def test_a_bowl(degrees):
    sites, i, _ = modelled(paraboloid(), degrees, cell=10.0, reach=(400, 200, 400))
    assert sites.axis[i] == degrees / 22.5
    bowl, levels = paraboloid(), np.arange(36, 61)
    for h in levels:
        got = sites.volume_m3[i, h], sites.dam_m3[i, h], sites.crest_length_m[i, h]
        crest = h + FREEBOARD
        assert got == pytest.approx((bowl.volume(h), bowl.dam(crest), bowl.crest(crest)), rel=0.01)
    # cells in a circle of a dozen radii come and go: the lattice noise of an area is 3 %
    ratio = sites.area_m2[i, levels] / bowl.area(levels)
    assert ratio.mean() == pytest.approx(1.0, abs=0.005)
    assert abs(ratio - 1).max() < 0.03


@pytest.mark.parametrize(("degrees", "lattice"), [(0, 0.01), (90, 0.01), (45, 0.0135)])
def test_every_level_of_a_bowl_of_enough_cells(degrees, lattice):
    """All four curves to 1 % at each level from 28 cells of radius on.

    Along the diagonal the area takes 1.35 %: the cells cut by a diagonal dam are counted whole
    or not at all.
    """
    deep = {"dam.dam_max_m": 150.0}
    sites, i, _ = modelled(paraboloid(), degrees, cell=5.0, reach=(400, 200, 400), **deep)
    assert sites.axis[i] == degrees / 22.5
    bowl = paraboloid()
    for h in range(60, 151):
        crest = h + FREEBOARD
        got = sites.volume_m3[i, h], sites.dam_m3[i, h], sites.crest_length_m[i, h]
        assert got == pytest.approx((bowl.volume(h), bowl.dam(crest), bowl.crest(crest)), rel=0.01)
        assert sites.area_m2[i, h] == pytest.approx(bowl.area(h), rel=lattice)


@pytest.mark.parametrize("degrees", [22.5, 67.5, 112.5, 157.5])
def test_valleys_between_rows_and_diagonals(degrees):
    # the bed winds over the cells: the site nearest to the origin, some way above the true bed
    sites, _, _ = modelled(vee(), degrees)
    x, y = sites.xy()
    middle = sites.grid.rows // 2
    east, south = x - sites.grid.xy(middle, middle)[0], sites.grid.xy(middle, middle)[1] - y
    i = int(np.argmin(np.hypot(east, south)))
    angle = np.deg2rad(degrees)
    up = east[i] * np.sin(angle) - south[i] * np.cos(angle)
    above = sites.foot_m[i] - (3000.0 + 0.05 * up)
    assert abs(up) < 200
    assert 0 <= above < 1.5
    assert sites.axis[i] == degrees / 22.5
    check(sites, i, vee(), (40, 50), above=above)


def test_ground_between_catchment_and_axis_counts():
    # slopes so oblique that D8 leads them past the foot: the catchment alone misses a wedge
    oblique = vee(side=0.25, bed=0.13)
    sites, i, _ = modelled(oblique)
    assert sites.axis[i] == 0
    check(sites, i, oblique, (45, 60), tolerance=0.02)


def test_curves_start_at_nothing_and_rise():
    sites, i, _ = modelled(vee())
    assert sites.heights == 61
    assert sites.volume_m3[i, 0] == sites.area_m2[i, 0] == 0.0
    for curve in (sites.volume_m3, sites.area_m2, sites.dam_m3, sites.crest_length_m):
        assert (np.diff(curve[i]) >= 0).all()


def test_a_valley_that_is_not_closed_has_no_dam():
    # sides of 40 m: a crest above them meets no ground, and the lake runs over the divide
    low = vee()
    shallow = type(low)(
        lambda x, y: np.minimum(low.ground(x, y), 40.0 + 0.05 * y), *[low.volume] * 4
    )
    sites, i, _ = modelled(shallow, reach=(2100, 700, 1300), **{"dam.axis_reach_m": 400.0})
    assert np.isfinite(sites.dam_m3[i, 30])
    # the D8 wall could still stand round the lake, a straight one cannot
    assert sites.axis[i] == D8_WALL or np.isnan(sites.dam_m3[i, 55])


def test_types_of_dam():
    cfrd, i, _ = modelled(vee())
    earth, j, _ = modelled(vee(), **{"dam.type": 3.0})
    rcc, k, _ = modelled(vee(), **{"dam.type": 2.0})
    c = 50 + FREEBOARD
    for sites, row, slope in ((cfrd, i, 1.4), (rcc, k, 0.375), (earth, j, 3.0)):
        wanted = 2 * (10 * c**2 / 2 + slope * c**3 / 3) / 0.4
        assert sites.dam_m3[row, 50] == pytest.approx(wanted, rel=1e-3)
    # a rockfill dam with concrete face takes about half the rock of an earth dam
    assert 0.47 < cfrd.dam_m3[i, 50] / earth.dam_m3[j, 50] < 0.55
