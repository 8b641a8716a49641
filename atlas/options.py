"""Options of a run: what the command line, the notebooks and the tests all pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from siting.settings import Settings

Mode = Literal["explore", "legal"]
Lang = Literal["zh", "en"]
Rules = Literal["own", "anu"]


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that decides a result.

    Parameters
    ----------
    as_of
        Day whose law and facts apply.
    data
        Catalog profile (``demo``, ``bureau``), catalog file, or a DEM file.
    region
        Region profile file or id; None = the catalog's own.
    resolution
        Cell size [m]; None = the region's own.
    mode
        ``explore``, or ``legal``: an unscreened prohibition blocks.
    out
        Parent of run folders.
    seed
        Seed of the demo scene and of every draw.
    lang
        Language of map, report and messages.
    parts
        Ids of the parts to run, with what they depend on; empty = all.
    what_if
        Scenarios switched on as an assumption, never as law.
    overrides
        File of county rows that change rules of the shipped table; None = the shipped rows.
    params
        File of parameters, weights and a power curve of the siting study; None = the defaults.
    sites
        Vector file of named projects forced into the siting study; None = none.
    rules
        Rules of the search for storage: ``own``, or ``anu`` for the restated atlas rules beside it.
    """

    as_of: date
    data: str = "demo"
    region: str | None = None
    resolution: float | None = None
    mode: Mode = "explore"
    out: Path = Path("out")
    seed: int = 20241122
    lang: Lang = "zh"
    parts: tuple[str, ...] = ()
    what_if: tuple[str, ...] = ()
    overrides: Path | None = None
    params: Path | None = None
    sites: Path | None = None
    rules: Rules = "own"

    def parameters(self) -> dict[str, object]:
        """Return what decides the result, JSON-ready; the output folder does not."""
        known: dict[str, object] = {
            "as_of": self.as_of.isoformat(),
            "data": Path(self.data).name if Path(self.data).suffix else self.data,
            "region": Path(self.region).name if self.region else None,
            # 90 and 90.0 are one parameter and give one name of the run folder
            "resolution_m": None if self.resolution is None else float(self.resolution),
            "mode": self.mode,
            "seed": self.seed,
            "lang": self.lang,
            "parts": list(self.parts),
        }
        if self.what_if:  # neither order nor repetition decides anything
            known["what_if"] = sorted(set(self.what_if))
        if self.rules != "own":
            known["rules"] = self.rules
        for key in ("overrides", "params", "sites"):
            path: Path | None = getattr(self, key)
            if path is not None:  # what stands in it is told by its sha256
                known[key] = path.name
        return known

    def settings(self) -> Settings:
        """Return what the user sets for the siting study, read from ``params`` and ``sites``.

        Raises
        ------
        CatalogError
            If the file of parameters cannot be used; names file and line.
        """
        from siting.settings import Settings

        if self.params is None:
            return Settings(sites=self.sites)
        from atlas.params_file import read_params

        return read_params(self.params, self.sites)

    def files(self) -> dict[str, Path]:
        """Return the files of the user that decide the result, by role, for their sha256."""
        named = {"overrides": self.overrides, "params": self.params, "sites": self.sites}
        if self.params is not None:
            curve = self.settings().power_curve
            named["power_curve"] = curve if curve is not None and curve.is_file() else None
        return {key: path for key, path in named.items() if path is not None}
