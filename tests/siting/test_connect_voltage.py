"""Voltage of a connection: capacity, length, price, and what is not found (truth C16)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from siting.connect.connect import parameters
from siting.connect.voltage import CLASSES, NO_CHOICE, choose, circuits, takes, voltages
from siting.law.terms import Component

SHIPPED = parameters({})


def test_every_row_has_source_or_says_prior_or_is_missing():
    for key, one in SHIPPED.items():
        if one.value is None:
            assert one.status == "missing", key
            assert not one.source, key
        else:
            assert one.source, key
            assert one.status in {"published", "prior"}, key
            if one.source != "prior":
                assert SHIPPED.citations[one.source], key
            for bound in (one.low, one.high):
                assert bound is None or math.isfinite(bound)
            assert (one.low or 0) <= one.value <= (one.high or math.inf), key


def test_the_price_of_220_kv_is_of_220_kv_only_and_35_kv_has_none():
    low, middle, high = voltages(SHIPPED)
    assert [one.kv for one in (low, middle, high)] == list(CLASSES)
    assert low.line is None
    assert low.station is None
    assert not low.priced
    assert middle.line == 140
    assert 156 <= high.line <= 159
    assert SHIPPED["kv35_line"].status == "missing"
    assert SHIPPED["road_yuan"].value is None
    assert low.component is Component.COLLECTOR_LINE
    assert high.component is Component.TRANSMISSION


def test_circuits():
    one = voltages(SHIPPED)[1]
    assert [circuits(one, mw) for mw in (0.0, 1, 100, 100.001, 200, 201)] == [1, 1, 1, 2, 2, 3]


def test_a_line_is_paid_by_kilometre_and_circuit_a_station_by_kva():
    found = choose(50.0, {35: math.nan, 110: 12.0, 220: math.nan}, SHIPPED)
    assert (found.kv, found.circuits, found.km) == (110, 1, 12.0)
    assert found.line_yuan == pytest.approx(12 * 140e4)
    assert found.station_yuan == pytest.approx(50 / 0.95 * 1000 * 290)
    two = choose(150.0, {35: math.nan, 110: 12.0, 220: math.nan}, SHIPPED)
    assert two.circuits == 2
    assert two.line_yuan == pytest.approx(2 * 12 * 140e4)


def test_the_cheapest_priced_voltage_is_taken():
    near = choose(150.0, {35: 5.0, 110: 12.0, 220: 12.0}, SHIPPED)
    assert near.kv == 220  # one circuit of 157 beats two of 140
    far = choose(150.0, {35: 5.0, 110: 12.0, 220: 40.0}, SHIPPED)
    assert far.kv == 110


def test_length_and_capacity_bar_a_voltage():
    far = {35: 10.0, 110: 81.0, 220: 90.0}
    assert choose(50.0, far, SHIPPED).kv == 220
    assert choose(50.0, {35: math.nan, 110: 81.0, 220: 201.0}, SHIPPED) is NO_CHOICE
    assert choose(601.0, {35: 1.0, 110: 1.0, 220: 1.0}, SHIPPED) is NO_CHOICE
    assert choose(600.0, {35: 1.0, 110: 1.0, 220: 1.0}, SHIPPED).kv == 220


def test_35_kv_alone_gives_length_and_no_money():
    found = choose(20.0, {35: 6.0, 110: math.nan, 220: math.nan}, SHIPPED)
    assert (found.kv, found.circuits, found.km) == (35, 1, 6.0)
    assert math.isnan(found.line_yuan)
    assert math.isnan(found.station_yuan)
    priced = parameters({"connect.kv35_line": 60.0, "connect.kv35_station": 50.0})
    found = choose(20.0, {35: 6.0, 110: 6.0, 220: 6.0}, priced)
    assert found.kv == 35
    assert found.line_yuan == pytest.approx(6 * 60e4)


def test_unknown_capacity_chooses_nothing():
    assert choose(math.nan, {35: 1.0, 110: 1.0, 220: 1.0}, SHIPPED) is NO_CHOICE


def test_stations_take_their_own_voltage_and_the_next_below():
    kv = np.array([35, 110, 220, 500, np.nan, 330])
    assert takes(kv, 110, lower_side=True).tolist() == [False, True, True, False, False, False]
    assert takes(kv, 220, lower_side=True).tolist() == [False, False, True, True, False, False]
    assert takes(kv, 35, lower_side=True).tolist() == [True, True, False, False, False, False]
    assert takes(kv, 110, lower_side=False).tolist() == [False, True, False, False, False, False]
