"""What a study says of its own limits."""

import pytest

from siting.study import study
from siting.study_notes import coarse, no_land
from tests.siting.test_wind_study import AS_OF, SMALL, scene


def test_cells_coarser_than_usual_are_said():
    (said,) = coarse(300.0)
    assert "300 m" in said.zh
    assert "90 m" in said.zh
    assert "偏大" in said.zh
    assert "too large" in said.en


def test_usual_cells_and_finer_ones_need_no_word():
    assert coarse(90.0) == ()
    assert coarse(30.0) == ()


def test_no_usable_land_is_never_a_bare_zero():
    stack, region = scene(synthetic=False)
    found = study(stack, region, AS_OF, mode="legal", parameters=SMALL)
    for one in found.technologies.values():
        said = no_land(one)
        assert "没有判为可用的土地：" in said.zh
        assert "未知的土地未判为可用，也未判为不可用" in said.zh
        shares = [
            float(part.split()[-2]) for part in said.en.split(";")[0].split(":")[-1].split(",")
        ]
        assert sum(shares) == pytest.approx(100, abs=0.5)
        assert said in found.warnings


def test_land_without_a_site_is_said():
    stack, region = scene(synthetic=False)
    one = {**SMALL, "pv.site_min_mw": 9000.0, "pv.site_max_mw": 9900.0}
    found = study(stack, region, AS_OF, parameters=one)
    assert any("没有候选场址" in said.zh and "光伏" in said.zh for said in found.warnings)
    assert not any("没有候选场址" in said.zh and "风电" in said.zh for said in found.warnings)
    assert all(no_land(one) is None for one in found.technologies.values())
