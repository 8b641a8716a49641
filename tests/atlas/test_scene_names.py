"""Names of counties on the map in the reader's language."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from atlas.scene import Scene


@pytest.mark.parametrize(
    ("lang", "facts", "names"),
    [
        ("zh", {"name": ["房县"], "name_en": ["Fangxian"]}, ["房县", "某县"]),
        ("en", {"name": ["房县"], "name_en": ["Fangxian"]}, ["Fangxian", "某县"]),
        ("en", {"name": ["房县", "某县"], "name_en": ["Fangxian", None]}, ["Fangxian", "某县"]),
        ("en", {}, ["房县", "某县"]),
    ],
)
def test_counties_are_named_in_the_language_of_the_run(lang, facts, names):
    counties = gpd.GeoDataFrame(
        {"name": ["房县", "某县"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="EPSG:4546"
    )
    scene = Scene(
        None, SimpleNamespace(counties=counties), None,
        SimpleNamespace(counties=pd.DataFrame(facts)), None,
    )  # fmt: skip
    assert scene.counties_in(lang)["name"].tolist() == names
    assert counties["name"].tolist() == ["房县", "某县"]
