"""What rests on a synthetic layer says so, in every value a part hands over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atlas.options import Options
from atlas.pipeline import Run, explore

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return explore(Options(as_of=AS_OF, resolution=180, out=Path(tmp_path_factory.mktemp("o"))))


def test_layers_know_what_they_are(demo: Run) -> None:
    real = {"counties", "wind_mean", "ghi"}
    for layer in demo.scene.stack:
        assert layer.passport.sources, layer.name
        assert layer.passport.synthetic == (layer.name not in real), layer.name
    wind = demo.scene.stack.require("wind_mean").passport
    assert wind.proxy


@pytest.mark.parametrize("part", ["siting", "pumped", "forest"])
def test_results_of_synthetic_inputs_say_synthetic(demo: Run, part: str) -> None:
    result = demo.results[part]
    assert result.absent is None
    assert result.passport.synthetic
    assert result.passport.sources
    if result.raster is not None:
        assert result.raster.passport.synthetic
    for one in result.rasters:
        assert one.passport.synthetic, one.name
    if result.sites is not None:
        assert result.sites["synthetic"].all()
    assert any(table.passport.synthetic for table in result.tables)


def test_published_figures_stay_real(demo: Run) -> None:
    storage = demo.results["storage"]
    assert not storage.passport.synthetic
    assert storage.sites is not None
    assert not storage.sites["synthetic"].any()


def test_every_part_has_a_sentence_in_both_languages(demo: Run) -> None:
    for result in demo.results.values():
        assert result.tabs
        for tab in result.tabs:
            assert tab.sentence.zh
            assert tab.sentence.en
            assert tab.title.zh
            assert tab.title.en


def test_other_seed_other_scene(demo: Run, tmp_path: Path) -> None:
    import numpy as np

    other = explore(Options(as_of=AS_OF, resolution=900, out=tmp_path, seed=7, parts=("storage",)))
    same = explore(Options(as_of=AS_OF, resolution=900, out=tmp_path, parts=("storage",)))
    first = other.scene.stack.require("dem").raster().to_numpy()
    second = same.scene.stack.require("dem").raster().to_numpy()
    assert not np.array_equal(first, second)
