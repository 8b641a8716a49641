"""Layers that no file holds: the demo scene, its forest strata, and the 0.25 degree means.

Beside :mod:`layers.drivers` because the generators know the region, which the drivers
serve. Each generator runs at most once a stack, and only when one of its layers is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import xarray as xr

from geo.errors import GridMismatchError, InputError, Say
from geo.grid import Grid
from layers.contract import SPECS
from layers.layer import Layer
from layers.region import Region


@dataclass
class Generators:
    """The generators of one stack.

    Parameters
    ----------
    wanted
        Names of the layers that the stack takes from the scene; no other is drawn.
    """

    grid: Grid
    region: Region
    seed: int
    progress: Callable[[str], None]
    wanted: frozenset[str]
    _made: dict[str, Mapping[str, Layer]] = field(default_factory=dict)

    def layer(self, name: str, driver: str) -> Layer:
        """Return one layer of ``driver`` (``demo``, ``strata`` or ``resource``).

        Raises
        ------
        InputError
            When the generator has no such layer, or a synthetic one does not say so.
        GridMismatchError
            When a raster is not on the run's grid.
        """
        if driver not in self._made:
            made = {"demo": self._demo, "strata": self._strata, "resource": self._resource}
            self._made[driver] = made[driver]()
        made_here = self._made[driver]
        if name not in made_here or (driver == "demo" and name not in self.wanted):
            raise InputError(
                name,
                Say(f"生成器 {driver} 没有该图层", f"the generator {driver} has no such layer"),
                Say("改正目录中的 driver", "correct the driver in the catalog"),
            )
        layer = made_here[name]
        self._verify(layer, name, driver)
        return layer

    def _demo(self) -> Mapping[str, Layer]:
        from layers.demo import scene

        self.progress("生成演示场景")
        return scene.build(self.grid, self.region, self.seed, self.progress)

    def _strata(self) -> Mapping[str, Layer]:
        from layers.demo import forest_strata
        from layers.facts import load_facts

        layer = forest_strata.build(load_facts(self.region.facts_id), self.seed)
        return {layer.name: layer}

    def _resource(self) -> Mapping[str, Layer]:
        from layers.demo import resource
        from layers.facts import load_facts

        return resource.build_resource(self.grid, load_facts(self.region.facts_id))

    def _verify(self, layer: Layer, name: str, driver: str) -> None:
        if driver != "resource" and not layer.passport.synthetic:
            raise InputError(
                name,
                Say("生成的图层没有标明合成", "a generated layer does not say synthetic"),
                Say("改正生成器", "correct the generator"),
            )
        if layer.spec != SPECS[name]:
            raise InputError(
                name,
                Say("生成的图层不合图层定义", "a generated layer has another contract"),
                Say("改正生成器", "correct the generator"),
            )
        if isinstance(layer.data, xr.DataArray) and layer.data.shape != self.grid.shape:
            raise GridMismatchError(
                name,
                Say(f"形状 {layer.data.shape}，应为 {self.grid.shape}",
                    f"has the shape {layer.data.shape}, wanted {self.grid.shape}"),
                Say("改正生成器", "correct the generator"),
            )  # fmt: skip
