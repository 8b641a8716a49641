"""``--params FILE`` and ``--sites FILE``: what is read, what is refused with line and cure."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.options import Options
from atlas.params_file import read_params
from geo.errors import CatalogError, OptionError
from siting.criteria import keys_of
from siting.law.terms import Technology
from siting.settings import Ahp, Settings
from siting.wind.turbine import load_turbine

DAY = date(2026, 11, 22)
WHOLE = """\
# by hand
values:
  pv.dc_ac: 1.3
  cost.pv_capex: 3000
  pv_slope_max_deg: 20
weights:
  pv: {margin_yuan_per_kwh: 0.4, slope_deg: 0.6}
ahp:
  wind:
    criteria: [line_km, slope_deg, road_km]
    matrix:
      - [1, 3, 5]
      - [1/3, 1, 2]
      - [0.2, 1/2, 1]
power_curve: curves/own.csv
"""


def written(folder: Path, text: str, curve: bool = True) -> Path:
    if curve:
        (folder / "curves").mkdir(exist_ok=True)
        (folder / "curves" / "own.csv").write_text("speed,power\n3,0\n", encoding="utf-8")
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_shipped_curve_goes_by_its_name(tmp_path):
    name = "IEC_Class3_Normalized_Industry_Composite"
    path = written(tmp_path, f"power_curve: {name}\n")
    curve = read_params(path).power_curve
    assert load_turbine(curve).rotor_m == 183.0
    assert Options(as_of=DAY, params=path).files() == {"params": path}
    with pytest.raises(CatalogError, match=name):
        read_params(written(tmp_path, "power_curve: IEC_Class3\n"))


def test_a_whole_file(tmp_path):
    found = read_params(written(tmp_path, WHOLE), sites=Path("named.gpkg"))
    assert found.values == {"pv.dc_ac": 1.3, "cost.pv_capex": 3000.0, "pv_slope_max_deg": 20.0}
    assert all(isinstance(value, float) for value in found.values.values())
    assert found.weights == {"pv": {"margin_yuan_per_kwh": 0.4, "slope_deg": 0.6}}
    third = 1 / 3
    matrix = ((1.0, 3.0, 5.0), (third, 1.0, 2.0), (0.2, 0.5, 1.0))
    assert found.ahp == {"wind": Ahp(("line_km", "slope_deg", "road_km"), matrix)}
    assert found.power_curve == (tmp_path / "curves" / "own.csv").resolve()
    assert found.sites == Path("named.gpkg")


def test_a_part_of_a_file_leaves_the_rest_at_its_default(tmp_path):
    found = read_params(written(tmp_path, "values: {pv.dc_ac: 1.1}\n"))
    assert found == Settings(values={"pv.dc_ac": 1.1}, weights={}, ahp={})


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "params.yaml", "为空"),
        ("valeus: {pv.dc_ac: 1.3}\n", "params.yaml:1", "values"),
        ("values:\n  pv.dc_ac: '1.3'\n", "params.yaml:2", "pv.dc_ac"),
        ("values:\n  pv.dc_ac: '1.3'\n", "params.yaml:2", "应为数字"),
        ("values:\n  pv.dc_ac: true\n", "params.yaml:2", "pv.dc_ac"),
        ("values:\n  pv.dc_ac: .inf\n", "params.yaml:2", "有限"),
        ("values:\n  pv.dc_ac: .nan\n", "params.yaml:2", "有限"),
        ("values:\n  PV dc: 1\n", "params.yaml:1", "不是参数名"),
        ("values:\n  pv.dc_ac: 1\n  pv.dc_ac: 2\n", "params.yaml:3", "重复"),
        ("values: [1, 2]\n", "params.yaml:1", "键值表"),
        ("weights:\n  solar: {lcoe: 1}\n", "params.yaml:2", "pv"),
        ("weights:\n  pv: {}\n", "params.yaml:1", "权重"),
        ("weights:\n  pv: {lcoe: much}\n", "params.yaml:2", "lcoe"),
        ("ahp:\n  pv: {criteria: [a, b], matrix: [[1, 2]]}\n", "params.yaml:2", "matrix"),
        ("ahp:\n  pv: {criteria: [a, b], matrix: [[1, 2], [1]]}\n", "params.yaml:2", "2 行"),
        ("ahp:\n  pv: {criteria: [a, a], matrix: [[1, 2], [1, 1]]}\n", "params.yaml:2", "重复"),
        ("ahp:\n  pv: {criteria: [a, b], matrix: [[1, x], [1, 1]]}\n", "params.yaml:2", "1/3"),
        ("ahp:\n  pv: {criteria: [a, b], matrix: [[1, 1/0], [1, 1]]}\n", "params.yaml:2", "1/3"),
        ("ahp:\n  pv: {criteria: [a, b]}\n", "params.yaml:2", "matrix"),
        ("values: {}\npower_curve: nowhere.csv\n", "params.yaml:2", "nowhere.csv"),
        ("power_curve: ../own.csv\n", "params.yaml:1", "own.csv"),
        ("power_curve: /etc/hostname\n", "params.yaml:1", "hostname"),
        ("power_curve: https://example.org/a.csv\n", "params.yaml:1", "example"),
        ("power_curve: params.yaml\n", "params.yaml:1", "CSV"),
        ("power_curve: curves\n", "params.yaml:1", "CSV"),
        ("values: &a {pv.dc_ac: 1}\n", "params.yaml:1", "锚点"),
    ],
)
def test_faults_name_line_and_cure(tmp_path, text, place, words):
    with pytest.raises(CatalogError) as caught:
        read_params(written(tmp_path, text))
    for lang in ("zh", "en"):
        assert f"{place}" in caught.value.line(lang)
    assert words in caught.value.line("zh")
    assert caught.value.cure.zh
    assert caught.value.cure.en


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("values:\n  cost.pv_capx: 3000\n", 2, "cost.pv_capx"),
        ("values:\n  nothing.here: 1\n", 2, "nothing.here"),
        ("values:\n  pv.dc_ac: 1.2\n  cost.pv_capex: -3\n", 3, "正的"),
        ("values:\n  cost.price_base: 0\n", 2, "正的"),
        ("values:\n  cost.price_base: 0.4161\n", 2, "次序"),
        ("values:\n  cost.discount: 6.5\n", 2, "0.065"),
        ("values:\n  cost.pv_life: 20.5\n", 2, "整数"),
        ("values:\n  cost.connection_added: 3\n", 2, "0 到 1"),
        ("values:\n  cost.mech_share_central: 3\n", 2, "0 到 1"),
        ("values:\n  cost.ef_decline_fast: 60\n", 2, "0 到 50"),
        ("values:\n  connect.power_factor: 5\n", 2, "0.5"),
        ("values:\n  connect.max_circuits: 1.5\n", 2, "整数"),
        ("values:\n  connect.tap_in: 0.5\n", 2, "0 或 1"),
        ("values:\n  connect.cell_m: 1000000\n", 2, "1000 m"),
        ("values:\n  rank.concentration: 0.0001\n", 2, "simplex"),
        ("values:\n  rank.draws: 10.5\n", 2, "整数"),
        ("values:\n  pv.resource_sd: 0.8\n", 2, "0.6"),
        ("values:\n  wind.resource_common: 1.5\n", 2, "0 到 1"),
        ("weights:\n  pv: {margin_yuan_per_kwh: 0.5, slope_deg: 0.4}\n", 2, "0.9"),
        ("weights:\n  pv: {lcoe: 1}\n", 2, "margin_yuan_per_kwh"),
        ("weights:\n  pv: {noise_margin_db: 1}\n", 2, "noise_margin_db"),
        ("ahp: {pv: {criteria: [line_km, road_km], matrix: [[1, 3], [1, 1]]}}\n", 1, "倒数"),
        ("ahp: {pv: {criteria: [line_km, roads], matrix: [[1, 3], [1/3, 1]]}}\n", 1, "roads"),
        (
            (
                "ahp:\n  pv:\n    criteria: [line_km, road_km, slope_deg]\n"
                "    matrix: [[1, 9, 1/9], [1/9, 1, 9], [9, 1/9, 1]]\n"
            ),
            2,
            "CR",
        ),
    ],
)
def test_bad_values_are_refused_with_their_line_before_a_layer_is_read(tmp_path, text, line, words):
    with pytest.raises(OptionError) as caught:
        read_params(written(tmp_path, text))
    assert caught.value.exit_code == 2
    assert f"params.yaml:{line} " in caught.value.line("zh")
    assert words in caught.value.line("zh")
    assert caught.value.cure.en


def test_the_page_of_the_reader_shows_a_file_that_is_taken(tmp_path):
    page = Path(__file__).parents[2] / "docs" / "user" / "parameters.md"
    text = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    found = read_params(written(tmp_path, text))
    assert set(found.weights["pv"]) == set(keys_of(Technology.PV))
    assert set(found.ahp["wind"].criteria) == set(keys_of(Technology.WIND))


def test_sizes_are_limited(tmp_path):
    many = "values:\n" + "".join(f"  pv.k{n}: 1\n" for n in range(501))
    with pytest.raises(CatalogError, match="cure"):
        read_params(written(tmp_path, many))
    names = ", ".join(f"k{n}" for n in range(21))
    rows = ", ".join(["[" + ", ".join(["1"] * 21) + "]"] * 21)
    with pytest.raises(CatalogError, match="cure"):
        read_params(written(tmp_path, f"ahp: {{pv: {{criteria: [{names}], matrix: [{rows}]}}}}\n"))
    path = written(tmp_path, "power_curve: curves/own.csv\n")
    (tmp_path / "curves" / "own.csv").write_bytes(b"0,0\n" * 300_000)
    with pytest.raises(CatalogError, match="larger"):
        read_params(path)


def test_options_record_the_names_and_hand_out_the_files(tmp_path):
    path = written(tmp_path, WHOLE)
    options = Options(as_of=DAY, params=path, sites=Path("x/named.gpkg"))
    assert options.parameters()["params"] == "params.yaml"
    assert options.parameters()["sites"] == "named.gpkg"
    assert json.dumps(options.parameters())
    assert not {"params", "sites"} & set(Options(as_of=DAY).parameters())
    assert options.settings().sites == Path("x/named.gpkg")
    assert options.settings().values["pv.dc_ac"] == 1.3
    curve = (tmp_path / "curves" / "own.csv").resolve()
    named = {"params": path, "sites": Path("x/named.gpkg"), "power_curve": curve}
    assert options.files() == named
    assert Options(as_of=DAY).files() == {}
    assert Options(as_of=DAY).settings() == Settings()


def test_the_command_line_refuses_before_it_builds(tmp_path, monkeypatch):
    monkeypatch.setattr("atlas.scene.build_stack", lambda *_, **__: pytest.fail("read a layer"))
    bad = written(tmp_path, "valeus: {}\n")
    for words, kind, named in (
        (("--params", str(bad)), CatalogError, "values"),
        (("--params", str(tmp_path / "none.yaml")), OptionError, "--params"),
        (("--sites", str(tmp_path / "none.gpkg")), OptionError, "--sites"),
        (("--sites", str(tmp_path)), OptionError, "--sites"),
    ):
        out = str(tmp_path / "out")
        done = CliRunner().invoke(cli, ["run", "--as-of", "2026-11-22", "--out", out, *words])
        assert isinstance(done.exception, kind), done.exception
        assert named in done.exception.line("zh")
    assert not (tmp_path / "out").exists()
