"""Every kernel of siting in a whole study: bounds checked, one and two threads, one signature."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BODY = """
    import hashlib, importlib, importlib.util, pkgutil, sys
    import geopandas as gpd, numpy as np, siting
    from numba.core import types
    from shapely.geometry import box

    spec = importlib.util.spec_from_file_location("scene", sys.argv[1])
    scene = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scene)
    stack, region = scene.scene(synthetic=False)
    west, south, _, _ = stack.grid.bounds
    homes = gpd.GeoDataFrame(
        {"name": ["h"], "rank": ["village"]}, crs=scene.CRS,
        geometry=[box(west + 6000, south + 9000, west + 6200, south + 9200)],
    )
    layer = scene.Layer("settlement", homes, scene.SPECS["settlement"],
                        stack.layers["road"].passport)
    stack = scene.LayerStack(stack.grid, {**stack.layers, "settlement": layer}, stack.absent)
    found = scene.study(stack, region, scene.AS_OF, parameters=scene.SMALL)
    digest = hashlib.sha256()
    for one in found.technologies.values():
        digest.update(one.sites.drop(columns="geometry").to_csv(float_format="%.17g").encode())
        digest.update(b"".join(one.sites.geometry.to_wkb()))
        digest.update(one.result.found.labels.tobytes())
    digest.update(found.technologies["pv"].field.annual.tobytes())
    digest.update(found.technologies["wind"].field.gross_h.tobytes())
    for package in ("connect", "pv", "ranking", "sites", "wind"):
        whole = importlib.import_module(f"siting.{package}._kernels")
        for info in pkgutil.iter_modules(whole.__path__):
            module = importlib.import_module(f"{whole.__name__}.{info.name}")
            for name, kernel in vars(module).items():
                mine = getattr(kernel, "__module__", "") == module.__name__
                if not (mine and hasattr(kernel, "py_func")):
                    continue
                forms = {tuple(map(types.unliteral, one)) for one in kernel.signatures}
                assert len(forms) <= 1, (info.name, name, forms)
                if not forms and not kernel.targetoptions.get("inline"):
                    print("not run:", package, info.name, name)
    print(digest.hexdigest())
"""


def run(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(BODY), HERE / "test_wind_study.py"],
        check=False, capture_output=True, text=True, timeout=500, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_bounds_hold_and_threads_do_not_matter(tmp_path):
    # a cache of its own: numba does not tell checked code from unchecked in the shared one
    checked = run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path), NUMBA_NUM_THREADS="2")
    # blocks of one cell have no fringe: test_sites_grow runs that kernel with bounds checked
    assert checked[:-1] == ["not run: sites ascent take_fringe"]
    # checked code is asked for its bounds alone; bytes are compared between thread counts
    assert run(NUMBA_NUM_THREADS="2")[-1] == run(NUMBA_NUM_THREADS="1")[-1]
