"""Wind candidates: turbines along ridges, their yield where a fine wind map allows one.

A mean over 0.25° (about 25 km) cannot tell a ridge from a valley (truth.md A2): without a
wind map of 250 m or finer there is no yield, no MWh and no resource in the ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.passport import Passport, merge
from siting.law.judgement import eligible_patterns
from siting.law.terms import Component, Technology
from siting.law.verdict import Judgement
from siting.sites import candidates
from siting.sites.candidates import Candidates
from siting.sites.ground import Ground
from siting.sites.params import USER, Params, load_params
from siting.sites.projects import Projects, with_projects
from siting.sites.score import LEAST_KNOWN, Criterion
from siting.wind.aep import WindField, wind_field
from siting.wind.chains import Turbines, land_mu
from siting.wind.noise import Noise, noise, quieten
from siting.wind.placing import place
from siting.wind.relief import relative_height
from siting.wind.turbine import Turbine, load_turbine

#: Layers beyond the screening's that the result rests on.
LAYERS = ("dem", "road", "wind_mean")
NO_RESOURCE = Say("无资源图层", "no resource layer")
HOURS_TO_GWH = 1e-3
Raster = npt.NDArray[np.float32]
NO_YIELD = Say("排名不含风资源", "the ranking holds no wind resource")
NAMED_YIELD = Say(
    "指名项目没有机位，按其占地的平均小时",
    "named projects have no turbine positions: mean hours of their ground",
)


@dataclass(frozen=True, slots=True, eq=False)
class WindResult:
    """Candidate sites of wind and what they rest on.

    Parameters
    ----------
    found
        Labels, eligible land, law, capacity.
    turbine
        The machine.
    turbines
        Where they stand; named projects have none.
    noise
        What the nearest homes hear; None without settlements.
    field
        Yield of every cell; None without ``wind_mean``.
    columns
        Columns of the site frame, each of shape (count,).
    yield_text
        What the yield is, or why there is none.
    note
        What yield and score leave out, on every site.
    """

    found: Candidates
    params: Params
    turbine: Turbine
    turbines: Turbines
    noise: Noise | None
    field: WindField | None
    columns: Mapping[str, npt.NDArray[np.float64]]
    yield_text: Say
    note: Say
    passport: Passport

    @property
    def mw_per_km2(self) -> float:
        """Density on eligible land by the spacing of turbines, an upper bound. [MW/km²]."""
        return self.found.mw_per_km2

    @property
    def flat_mw_per_km2(self) -> float:
        """The same: what the ledger counts with. [MW/km²]."""
        return self.mw_per_km2

    @property
    def land_mu(self) -> npt.NDArray[np.float64]:
        """Land that each site keeps, (count,). [亩]."""
        return self.columns["land_permanent_mu"]

    @property
    def energy_gwh(self) -> npt.NDArray[np.float64]:
        """Net generation of a year, (count,); NaN where no fine wind map speaks. [GWh]."""
        return self.columns.get("energy_gwh", np.full(self.found.count, np.nan))


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``wind.*`` values."""
    return load_params("siting.wind", "wind").changed(overrides)


def mw_per_km2(params: Params, turbine: Turbine | None = None) -> float:
    """Return the capacity of a square kilometre of eligible land. [MW/km²].

    One turbine on a rectangle of ``spacing_across`` x ``spacing_along`` rotor diameters: an
    upper bound, since turbines stand along ridges.

    Parameters
    ----------
    params
        Of :func:`parameters`.
    turbine
        The machine; None = the one of the parameters.

    Raises
    ------
    OptionError
        If the share of land that is built on is not in 0-1.
    """
    share = params.number("utilisation")
    if not 0.0 < share <= 1.0:
        raise OptionError(
            "wind.utilisation",
            Say(f"{share} 不在 0-1", f"{share} is not in 0-1"),
            Say("给出 0 到 1 的利用率", "give a share above 0 and at most 1"),
        )
    rotor_m = params.number("rotor_m") if turbine is None else turbine.rotor_m
    rated = params.number("turbine_mw") if turbine is None else turbine.rated_mw
    rotor_km = rotor_m / 1000.0
    spaced = params.number("spacing_across") * params.number("spacing_along") * rotor_km**2
    return rated / spaced * share


def wind_sites(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    params: Params,
    projects: Projects | None = None,
    power_curve: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> WindResult:
    """Return the candidate sites of wind.

    Parameters
    ----------
    ground
        Land of the run.
    judgements
        By component, ``turbine_base`` first.
    params
        Of :func:`parameters`.
    projects
        Named projects of the user that become sites as they are.
    power_curve
        The user's machine; None = the shipped one.
    progress
        Called with a Chinese stage name.

    Raises
    ------
    OptionError, InputError
        Parameters out of band, or a power curve that is none.
    """
    say = progress or (lambda _: None)
    turbine = load_turbine(power_curve)
    params = _of_machine(params, turbine)
    density = mw_per_km2(params, turbine)
    eligible = ground.eligible(eligible_patterns(next(iter(judgements.values()))))
    named = None
    if projects is not None:
        named, taken = projects.ground(ground.grid, ground.zones, density)
        eligible &= ~taken
    field = wind_field(ground, params, turbine, ground.zones > 0)
    hours = field.net_h if field is not None and field.usable else None
    say("风机布置")
    turbines = place(ground, eligible, turbine, params, hours)
    if params.number("noise_drop"):
        turbines = quieten(ground, turbines, params)
    labels, count, mw = turbines.labels, turbines.count, turbines.capacity_mw
    if named is not None:
        labels, count = with_projects(projects, named, labels, count)
    first = count - turbines.count
    height = _height(ground, params)
    found = candidates.read(
        Technology.WIND,
        ground,
        judgements,
        labels,
        count,
        density,
        _criteria(ground, params, hours),
        np.concatenate([_area_mw(labels, first, ground, density), mw]),
        projects,
    )
    say("风机噪声")
    heard = noise(ground, turbines, params)
    passports = () if field is None else (field.passport,)
    return WindResult(
        found,
        params,
        turbine,
        turbines,
        heard,
        field,
        _columns(found, turbines, params, heard, _means(ground, found, hours, height)),
        NO_RESOURCE if field is None else field.text,
        _note(field, turbines, named=named is not None),
        merge(ground.passport(*LAYERS), params.passport(), *passports),
    )


def _of_machine(params: Params, turbine: Turbine) -> Params:
    """Return the parameters with power and rotor of the machine that is reckoned with.

    Raises
    ------
    OptionError
        If the user set either to something else: it would change no yield.
    """
    rows, titles = dict(params.values_by_key), dict(params.titles)
    own, other = USER in turbine.passport.sources, turbine.name != load_turbine().name
    for key, zh, en, value in (
        ("turbine_mw", "单机容量", "Turbine power", turbine.rated_mw),
        ("rotor_m", "风轮直径", "Rotor diameter", turbine.rotor_m),
    ):
        if rows[key].status == "user" and rows[key].value != value:
            raise OptionError(
                f"wind.{key}",
                Say(f"{rows[key].value:g} 与功率曲线的 {value:g} 不符，机型由功率曲线决定",
                    f"{rows[key].value:g} is not the {value:g} of the power curve, which is the "
                    "machine"),
                Say("删去该参数；换机型请给 power_curve", "remove it; name another power_curve"),
            )  # fmt: skip
        if other or own:
            one = replace(rows[key], value=value, low=None, high=None)
            rows[key] = replace(one, source=USER, grade="-", status="user") if own else one
            titles[key] = Say(f"{zh}（{turbine.name}）", f"{en} ({turbine.name})")
    return replace(params, values_by_key=rows, titles=titles)


def _note(field: WindField | None, turbines: Turbines, *, named: bool) -> Say:
    """Return what yield and score leave out, on every site."""
    text = NO_RESOURCE if field is None else field.text
    said = [Say(f"发电量：{text.zh}", f"yield: {text.en}")]
    if field is None or not field.usable:
        said.append(NO_YIELD)
    else:
        dark = int(np.count_nonzero(np.isnan(turbines.value)))
        said += [NAMED_YIELD] if named else []
        said += [
            Say(f"{dark} 台机位处无风资源数据，其场址发电量空缺",
                f"{dark} turbines stand where the wind is unknown: no yield of their sites")
        ] if dark else []  # fmt: skip
    said.append(turbines.text)
    return Say("；".join(one.zh for one in said), "; ".join(one.en for one in said))


def _height(ground: Ground, params: Params) -> Raster | None:
    """Return the height above the surroundings [m]; it describes and never ranks."""
    dem = ground.values("dem")
    if dem is None:
        return None
    return relative_height(dem, ground.grid, params.number("relief_window_m"))


def _area_mw(
    labels: npt.NDArray[np.int32], count: int, ground: Ground, density: float
) -> npt.NDArray[np.float64]:
    """Return the capacity of sites 1..count by their area. [MW]."""
    spots = np.nonzero((labels > 0) & (labels <= count))
    area = np.bincount(labels[spots], weights=ground.cell_area[spots], minlength=count + 1)
    return np.asarray(area[1:] / candidates.M2_PER_KM2 * density)


def _means(
    ground: Ground, found: Candidates, hours: Raster | None, height: Raster | None
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the means over each site's ground of what describes it."""
    out: dict[str, npt.NDArray[np.float64]] = {}
    if height is not None:
        out["relative_height_m"] = found.mean(height, ground.cell_area)
    wind = ground.values("wind_mean")
    if wind is not None:
        name = "wind_mean_025_ms" if hours is None else "wind_mean_ms"
        out[name] = found.mean(wind, ground.cell_area)
    if hours is not None:
        out["net_hours"] = found.known_mean(hours, ground.cell_area)
    return out


def _columns(
    found: Candidates,
    turbines: Turbines,
    params: Params,
    heard: Noise | None,
    means: dict[str, npt.NDArray[np.float64]],
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns of the site frame; named projects come first and have no turbines."""
    first = found.count - turbines.count

    def behind(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        return np.concatenate([np.full(first, np.nan), np.asarray(values, np.float64)])

    permanent, temporary = land_mu(turbines, params)
    out = {
        **means,
        "turbines": behind(turbines.per_site),
        "land_permanent_mu": behind(permanent),
        "land_temporary_mu": behind(temporary),
    }
    if "net_hours" in means:
        at = means["net_hours"].copy()
        at[first:] = turbines.mean(turbines.value)  # hours where the machines stand
        # of a project's part beyond the region nothing is known
        at = np.where(found.inside >= LEAST_KNOWN, at, np.nan)
        out |= {"net_hours": at, "energy_gwh": found.mw * at * HOURS_TO_GWH}
    if heard is not None:
        out |= {
            "noise_db": behind(heard.level_db),
            "noise_margin_db": behind(heard.margin_db),
            "nearest_home_m": behind(heard.nearest_home_m),
        }
    return out


def _criteria(ground: Ground, params: Params, hours: Raster | None) -> Iterator[Criterion]:
    """Yield the criteria of the score raster one by one."""
    if hours is not None:
        yield Criterion(
            "net_hours", Say("等效满负荷小时", "full-load hours"), "h/a", hours,
            params.number("hours_worst"), params.number("hours_best"), params.number("w_hours"),
        )  # fmt: skip
    slope = ground.terrain.slope_deg if ground.terrain is not None else None
    yield Criterion(
        "slope_deg", Say("坡度", "slope"), "°", slope,
        params.number("slope_worst"), params.number("slope_best"), params.number("w_slope"),
    )  # fmt: skip
    yield Criterion(
        "road_m", Say("距公路", "to road"), "m",
        ground.distance_to("road", params.number("road_worst")),
        params.number("road_worst"), params.number("road_best"), params.number("w_road"),
    )  # fmt: skip
