"""data_catalog.yaml: every entry is valid, named, licensed; the user's profile has all."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.catalog import open_catalog
from layers.contract import SPECS
from layers.entry import FILELESS

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ("demo", "bureau")
#: Layers that the demo does not draw: nothing may suggest where they lie. They are 未筛查 there.
UNDRAWN = {"military", "military_clearance", "noise_zone"}
#: Resource maps that only a user can bring: no open file of them is bundled.
UNBUNDLED = {
    "wind_mean_50", "wind_weibull_k", "air_temperature", "dni",
    *(f"ghi_{month:02d}" for month in range(1, 13)),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHIYAN_CATALOG", raising=False)


def test_it_is_the_catalog_of_the_checkout() -> None:
    assert open_catalog("demo").path == ROOT / "data_catalog.yaml"


@pytest.mark.parametrize("profile", PROFILES)
def test_entries_name_layers_and_sources(profile: str) -> None:
    for name, entry in open_catalog(profile).entries.items():
        assert (entry.layer or name) in SPECS, name
        assert entry.source.title, name
        assert entry.source.licence, name


@pytest.mark.parametrize("profile", PROFILES)
def test_every_layer_has_an_entry(profile: str) -> None:
    catalog = open_catalog(profile)
    held = {entry.layer or name for name, entry in catalog.entries.items()}
    assert held == (set(SPECS) - UNDRAWN - UNBUNDLED if profile == "demo" else set(SPECS))


def test_demo_needs_no_file_and_says_what_is_synthetic() -> None:
    catalog = open_catalog("demo")
    assert all(entry.driver.name in FILELESS for entry in catalog.entries.values())
    real = {name for name, entry in catalog.entries.items() if entry.kind != "synthetic"}
    assert real == {"counties", "wind_mean", "ghi"}
    for name, entry in catalog.entries.items():
        if entry.kind == "synthetic":
            assert entry.source.title.startswith("演示"), name
            assert entry.source.grade == "prior", name


def test_registered_sources_exist() -> None:
    from layers.facts import load_facts

    known = load_facts("shiyan").sources
    for profile in PROFILES:
        for name, entry in open_catalog(profile).entries.items():
            if entry.source.id is not None:
                assert entry.source.id in known, name


def test_bureau_files_are_the_users_and_absence_is_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SHIYAN_DATA", raising=False)
    catalog = open_catalog("bureau")
    assert catalog.root is None
    for name, entry in catalog.entries.items():
        if entry.uri is not None:
            assert entry.access == "user_supplied", name
            assert entry.optional != (entry.stand_in is not None), name
    assert {line.state for line in catalog.check()} == {"ok", "missing"}


def test_no_protective_layer_has_a_synthetic_stand_in() -> None:
    """A made-up red line must never stand where the bureau's own is expected."""
    catalog = open_catalog("bureau")
    fallen_back_on = {
        "dem", "land_cover", "shrub_cover", "wind_mean", "ghi", "counties", "reservoir",
        "river", "road", "settlement", "forest_strata", "substation", "airport",
    }  # fmt: skip
    protective = set(SPECS) - fallen_back_on
    for name in protective:
        assert catalog.entries[name].stand_in is None, name
        assert catalog.entries[name].optional, name
