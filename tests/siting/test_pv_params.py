"""Parameters of PV (and wind): every default has a source or says that it is a prior."""

from __future__ import annotations

import pytest

from geo.errors import OptionError
from layers.facts import load_facts
from siting.pv import sites as pv
from siting.pv.energy import mw_per_km2
from siting.pv.yields import check_ratio
from siting.wind import sites as wind


def test_density_is_land_by_megawatt():
    assert mw_per_km2(pv.parameters({})) == pytest.approx(1500 / 22)
    assert mw_per_km2(pv.parameters({"pv.utilisation": 0.5})) == pytest.approx(1500 / 44)


@pytest.mark.parametrize(
    ("key", "value"),
    [("pv.utilisation", 1.5), ("pv.dc_ac", -1.0), ("pv.no_such", 1.0), ("pv.dc_ac", float("nan"))],
)
def test_bad_parameters_are_refused(key, value):
    with pytest.raises(OptionError):
        mw_per_km2(pv.parameters({key: value}))


@pytest.mark.parametrize("ratio", [0.74, 0.89, float("nan")])
def test_performance_ratios_off_the_band_are_refused(ratio):
    check_ratio(0.75)
    check_ratio(0.88)
    with pytest.raises(OptionError, match="f_"):
        check_ratio(ratio)


def test_every_parameter_has_source_and_status():
    frame = pv.parameters({}).frame()
    assert (frame["来源"] != "").all()
    assert (frame["状态"] != "").all()
    changed = pv.parameters({"pv.dc_ac": 1.35})
    assert changed["dc_ac"].status == "user"
    assert changed["dc_ac"].value == 1.35


@pytest.mark.parametrize("module", [pv, wind])
def test_every_source_of_a_parameter_can_be_looked_up(module):
    params = module.parameters({})
    known = load_facts("shiyan").sources
    for key, value in params.items():
        if value.source == "prior":
            assert value.status == "prior", key
            assert value.grade == "prior", key
        else:
            assert value.source in known, key
            assert params.citations[value.source], key  # also where a region has no facts
    used = module.parameters({f"{params.group}.utilisation": 0.5}).passport()
    assert set(used.sources) <= set(known)
    assert used.unverified
    assert set(params.citations.values()) <= set(used.citations)
    frame = params.frame()
    assert "prior" not in set(frame["来源"])
