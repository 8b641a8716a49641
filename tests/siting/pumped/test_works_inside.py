"""Room that a dam takes from its lake: closed forms."""

from __future__ import annotations

import doctest
from types import SimpleNamespace

import numpy as np
import pytest

from siting.pumped.dams.section import parameters, section
from siting.pumped.works import inside
from siting.pumped.works.inside import body_in_lake_m3, inside_note
from siting.pumped.works.model import Profile


def vee(depth: float, spare: float = 1.5, points: int = 3, side: float = 0.4) -> Profile:
    s = np.linspace(-(depth + spare) / side, (depth + spare) / side, points)
    return Profile(s - s[0], np.abs(s) * side, depth + spare, depth, 1.0)


@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("points", [3, 401])
def test_a_v_shaped_valley_has_a_closed_form(kind, points):
    body = section(parameters({"dam.type": float(kind)}))
    # the two intervals of three points turn dry inside: only fine profiles are exact there
    got = body_in_lake_m3(vee(60.0, 1.5, points), body)
    h, f, m, w = 60.0, 1.5, body.up, body.crest_width_m
    wanted = 2 / 0.4 * (w * h**2 / 4 + m * ((h + f) ** 3 - f**3) / 6 - m * f**2 * h / 2)
    assert got == pytest.approx(wanted, rel=0.01 if points == 3 else 1e-4)


def test_a_vertical_face_takes_half_the_crest_alone():
    rcc = section(parameters({"dam.type": 2.0}))
    assert rcc.up == 0.0
    flat = Profile(np.array([0.0, 80.0]), np.zeros(2), 31.5, 30.0, 5.0)
    assert body_in_lake_m3(flat, rcc) == pytest.approx(80 * 5.0 * 30.0)


def test_dry_ground_and_a_point_take_nothing():
    body = section(parameters({}))
    dry = Profile(np.array([0.0, 50.0]), np.array([30.5, 31.0]), 31.5, 30.0, 5.0)
    assert body_in_lake_m3(dry, body) == 0.0
    assert body_in_lake_m3(Profile(np.zeros(1), np.zeros(1), 31.5, 30.0, 5.0), body) == 0.0


def test_the_note_states_the_share_of_the_run():
    body, one = section(parameters({})), vee(60.0, 1.5, 401)
    taken = body_in_lake_m3(one, body)
    works = SimpleNamespace(
        upper_profile=(one, None), lower_profile=(None, one),
        upper_volume_m3=np.array([taken / 0.1, np.nan]),
        lower_volume_m3=np.array([np.nan, taken / 0.2]),
    )  # fmt: skip
    note = inside_note(works, body)
    assert "中位 15%，最大 20%" in note.zh
    assert "20 % at most" in note.en
    bare = SimpleNamespace(
        upper_profile=(None,), lower_profile=(None,), upper_volume_m3=np.array([np.nan]),
        lower_volume_m3=np.array([np.nan]),
    )  # fmt: skip
    assert inside_note(bare, body) is None


def test_the_example_holds():
    failed, tried = doctest.testmod(inside)
    assert tried > 0
    assert failed == 0
