"""The small map of the report's first page: relief, classes, county lines and names.

Drawn in the run's own CRS as one PNG under SVG lines, so that it prints anywhere and
needs no script. It is a picture: areas and MW come from the tables.
"""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterable
from html import escape

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from shapely.geometry.base import BaseGeometry

from atlas.part import ClassView, PatternRaster, Swatch
from geo.grid import Grid

WIDTH = 900
#: Opacity from which a class is the answer, as the map has it.
USABLE = 0.8


def overview_svg(
    grid: Grid,
    hillshade: npt.NDArray[np.uint8],
    inside: npt.NDArray[np.bool_],
    counties: gpd.GeoDataFrame,
    raster: PatternRaster | None,
    watermark: str,
    water: gpd.GeoDataFrame | None = None,
    points: gpd.GeoSeries | None = None,
) -> str:
    """Return the overview as one inline SVG.

    Parameters
    ----------
    grid
        Grid of ``hillshade``, ``inside`` and of the pattern raster.
    hillshade
        uint8 [rows, cols]; 0 = nodata.
    inside
        bool [rows, cols]: the region.
    counties
        Polygons in the grid's CRS with column ``name``.
    raster
        Pattern raster whose first view is painted, or None.
    watermark
        Text laid across the picture, empty for none.
    water
        Lakes as polygons in the grid's CRS; lines in it are too fine for this picture.
    points
        Sites as points in the grid's CRS, best first: the picture has them where no land is
        painted.
    """
    step = max(grid.cols // WIDTH, 1)
    shade = hillshade[::step, ::step].astype(np.float32)
    rgb = np.repeat(shade[..., None] * 0.35 + 165.0, 3, axis=2)
    if raster is not None and raster.views:
        _paint(rgb, raster.index[::step, ::step], raster.views[0])
    rgb[~inside[::step, ::step]] = 255.0
    rows, cols = rgb.shape[:2]
    image = base64.b64encode(_png(np.clip(rgb, 0, 255).astype(np.uint8))).decode()
    west, _, _, north = grid.bounds
    scale = 1.0 / (grid.dx * step)

    def path(shape: BaseGeometry) -> str:
        rings = [ring for part in _polygons(shape) for ring in (part.exterior, *part.interiors)]
        return "".join(
            "M"
            + "L".join(
                f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring.coords
            )
            + "Z"
            for ring in rings
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {cols} {rows}" role="img">',
        f'<image width="{cols}" height="{rows}" href="data:image/png;base64,{image}"/>',
    ]
    tolerance = grid.dx * step
    lakes = [] if water is None else [path(shape.simplify(tolerance)) for shape in water.geometry]
    parts += [f'<path d="{lake}" fill="#5b8fc4" fill-rule="evenodd"/>' for lake in lakes if lake]
    for name, shape in zip(counties["name"], counties.geometry, strict=True):
        outline = path(shape.simplify(tolerance))
        parts.append(f'<path d="{outline}" fill="none" stroke="#444" stroke-width="1"/>')
        point = shape.representative_point()
        parts.append(
            f'<text x="{(point.x - west) * scale:.0f}" y="{(north - point.y) * scale:.0f}" '
            'font-size="24" text-anchor="middle" stroke="#fff" stroke-width="5" '
            f'paint-order="stroke" fill="#222">{escape(str(name))}</text>'
        )
    if points is not None:
        spots = [((p.x - west) * scale, (north - p.y) * scale) for p in points]
        parts += [  # the best on top
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{cols / 130:.1f}" fill="#12355b" '
            f'stroke="#fff" stroke-width="{cols / 600:.1f}"/>'
            for x, y in reversed(spots)
        ]
    if watermark:
        parts.append(
            f'<text x="{cols / 2:.0f}" y="{rows / 2:.0f}" font-size="{cols / 22:.0f}" '
            'text-anchor="middle" fill="#7f3f00" fill-opacity="0.28" '
            f'transform="rotate(-24 {cols / 2:.0f} {rows / 2:.0f})">{escape(watermark)}</text>'
        )
    return "".join((*parts, "</svg>"))


def shown_opacity(swatch: Swatch) -> float:
    """Return the opacity of a class on a small map: what is not usable steps back."""
    return swatch.opacity if swatch.opacity >= USABLE else swatch.opacity * 0.6


def _paint(rgb: npt.NDArray[np.float32], index: npt.NDArray[np.uint16], view: ClassView) -> None:
    """Blend the class colours of a view over the relief, in place."""
    known = index < len(view.of_pattern)
    classes = view.of_pattern[np.where(known, index, 0)]
    for number, swatch in enumerate(view.swatches):
        cells = known & (classes == number)
        opacity = shown_opacity(swatch)
        colour = np.array([int(swatch.colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32)
        rgb[cells] = rgb[cells] * (1 - opacity) + colour * opacity


def _png(rgb: npt.NDArray[np.uint8]) -> bytes:
    rows, cols = rgb.shape[:2]
    with MemoryFile() as memory, warnings.catch_warnings():
        # a picture in a page has no place on the ground
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="PNG", width=cols, height=rows, count=3, dtype="uint8") as target:
            target.write(np.moveaxis(rgb, 2, 0))
        return bytes(memory.read())


def _polygons(shape: BaseGeometry) -> Iterable[BaseGeometry]:
    return [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
