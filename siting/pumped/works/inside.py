"""Room that a dam takes from its own lake: the part of its body on the water's side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.pumped.dams.section import Section
from siting.pumped.works.model import Profile, Works

Float64 = npt.NDArray[np.float64]


def body_in_lake_m3(profile: Profile, body: Section) -> float:
    """Return the body of a dam on the water's side of its axis below the normal level. [m³].

    A section y metres below the crest reaches w/2 + m y into the lake: between the freeboard f
    and the ground it takes w/2 (y - f) + m (y² - f²) / 2. [m²]

    Parameters
    ----------
    profile
        Section of the valley along the axis, ground linear between its points.
    body
        Of the dam.

    Examples
    --------
    A slab 100 m long on level ground, 20 m of water, freeboard 0, crest 10 m, face 1:1.4.

    >>> import numpy as np
    >>> flat = Profile(np.array([0.0, 100.0]), np.zeros(2), 20.0, 20.0, 5.0)
    >>> round(body_in_lake_m3(flat, Section(Say("", ""), 10.0, 0.0, 1.4, 1.4)))
    38000
    """
    s, z = profile.chainage_m, profile.ground_m
    if s.size < 2:
        return 0.0
    # Simpson in each interval: the section is a square of the depth, exact where all is wet
    middle = 0.5 * (z[:-1] + z[1:])
    ends = [_section(profile, body, part) for part in (z[:-1], middle, z[1:])]
    return float(((ends[0] + 4.0 * ends[1] + ends[2]) / 6.0 * np.diff(s)).sum())


def _section(profile: Profile, body: Section, ground_m: Float64) -> Float64:
    spare = profile.crest_m - profile.normal_m
    y = np.maximum(profile.crest_m - ground_m, spare)
    taken = body.crest_width_m / 2.0 * (y - spare) + body.up * (y**2 - spare**2) / 2.0
    return np.asarray(taken)


def inside_note(works: Works, body: Section) -> Say | None:
    """Return what the volumes leave out, with its share in this run; None without a new lake."""
    shares = [
        body_in_lake_m3(profile, body) / volume
        for profiles, volumes in (
            (works.upper_profile, works.upper_volume_m3.tolist()),
            (works.lower_profile, works.lower_volume_m3.tolist()),
        )
        for profile, volume in zip(profiles, volumes, strict=True)
        if profile is not None and volume > 0
    ]
    if not shares:
        return None
    middle, most = float(np.median(shares)), max(shares)
    return Say(
        f"新建库的库容含大坝上游侧坝体所占部分（中位 {middle:.0%}，最大 {most:.0%}）："
        "按坝料取自库内正常蓄水位以下、挖填平衡计，外运料场时须扣除",
        f"volumes of new lakes hold the room of the dam's own water side ({100 * middle:.0f} % in "
        f"the median, {100 * most:.0f} % at most): the fill is taken to come from below the normal "
        "level of the lake; with another quarry it has to be subtracted",
    )
