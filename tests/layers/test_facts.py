"""Facts tables: every number has a source, ids are unique, faults name file and line."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

import layers.facts
from geo.errors import TableError
from geo.passport import GRADES
from layers.facts import RESOURCE_SOURCES, Facts, load_facts
from layers.facts.sites import COORD_QUALITY
from siting.law import terms

HERE = Path(layers.facts.__file__).parent / "shiyan"


@pytest.fixture(scope="module")
def facts():
    return load_facts("shiyan")


def figures(facts: Facts):
    for site in facts.sites:
        yield from site.figures.values()
        for design in site.designs.values():
            yield from design.values()
    yield from facts.controls.values()
    yield from facts.factors.values()
    for target in facts.targets:
        yield target.target
        yield target.installed


def test_every_number_has_a_registered_source(facts):
    for figure in figures(facts):
        for one in (figure, *figure.variants):
            if one.value is not None:
                assert one.source
                assert set(one.source.split(";")) <= set(facts.sources)
    for point in facts.forest_series:
        assert set(point.source.split(";")) <= set(facts.sources)
    assert set(RESOURCE_SOURCES.values()) <= set(facts.sources)
    assert set(RESOURCE_SOURCES) <= set(facts.resource.columns)


def test_no_figure_is_graded_above_its_source(facts):
    for figure in figures(facts):
        if figure.value is not None:
            worst = max(GRADES.index(facts.sources[s].grade) for s in figure.source.split(";"))
            assert GRADES.index(figure.grade) >= worst


def test_ids_are_unique(facts):
    for ids in (
        [s.id for s in facts.sites],
        [t.id for t in facts.targets],
        list(facts.conflicts["id"]),
        [c for c in facts.counties["code"] if c],
    ):
        assert len(ids) == len(set(ids))


def test_no_machine_path_in_any_table():
    absolute = re.compile(r"(^|[\s,;\"])(/[a-z]+/|[A-Za-z]:\\\\|~/|file:)", re.MULTILINE)
    for path in HERE.glob("*.csv"):
        assert not absolute.search(path.read_text(encoding="utf-8")), path.name


def test_named_sites_of_the_plan_are_all_there(facts):
    names = {s.name.zh for s in facts.sites}
    wanted = (
        "潘口抽水蓄能 黄龙滩抽水蓄能 房县（草庙沟）抽水蓄能 吴山沟抽水蓄能 竹山天池岭抽水蓄能 "
        "官山抽水蓄能 陡岭子抽水蓄能 鄂坪抽水蓄能 陈家坪抽水蓄能 龚家沟抽水蓄能 丹江口水电站扩机 "
        "小漩水电站扩机 丹江口水电站 潘口水电站 小漩水电站 黄龙滩水电站 龙背湾水电站 鄂坪水电站 "
        "陡岭子水电站 孤山航电枢纽 白沙河水电站 三里坪水电站"
    )
    assert set(wanted.split()) <= names


@pytest.mark.parametrize(
    ("site", "quantity", "value"),
    [
        ("psh-huanglongtan", "upper_npl_m", 512.0),
        ("psh-huanglongtan", "lower_dead_m", 225.971),
        ("psh-pankou", "capacity_mw", 298.0),
        ("psh-pankou", "generation_gwh", 280.0),
        ("hydro-pankou", "npl_m", 355.0),
        ("hydro-danjiangkou", "active_volume_mm3", 16122.0),
        ("hydro-eping", "generation_gwh", 274.51),
        ("hydro-gushan", "total_cost_yi", 34.86),
    ],
)
def test_spot_values(facts, site, quantity, value):
    assert facts.site(site).figure(quantity).value == value


@pytest.mark.parametrize(
    ("site", "quantity"),
    [
        ("hydro-xiaoxuan", "npl_m"),
        ("hydro-xiaoxuan", "capacity_mw"),
        ("hydro-pankou", "dead_m"),
        ("hydro-danjiangkou", "dead_m"),
        ("hydro-longbeiwan", "npl_m"),
        ("hydro-gushan", "npl_m"),
        ("psh-guanshan", "capacity_mw"),
        ("psh-doulingzi", "capacity_mw"),
        ("psh-tianchiling", "rated_head_m"),
    ],
)
def test_what_is_only_remembered_stays_empty(facts, site, quantity):
    assert facts.site(site).figure(quantity).missing


def test_pankou_capacity_keeps_plan_and_design(facts):
    power = facts.site("psh-pankou").capacity_mw
    assert (power.value, {v.value for v in power.variants}) == (298.0, {300.0})


def test_coordinates_lie_in_the_city(facts):
    for site in facts.sites:
        assert (site.lon is None) == (site.coord_quality == "missing")
        if site.lon is not None:
            assert 109.43 < site.lon < 111.60
            assert 31.50 < site.lat < 33.28
    assert all(s.coord_quality not in terms.SCREENABLE for s in facts.of_technology("pumped"))


def test_coordinate_qualities_are_the_closed_list():
    assert COORD_QUALITY == terms.COORD_QUALITY


def test_counties_and_the_two_without_polygon(facts):
    table = facts.counties
    assert list(table.loc[table["mapped"] == 1, "code"]) == [
        "420302", "420303", "420304", "420322", "420323", "420324", "420325", "420381",
    ]  # fmt: skip
    assert list(table.loc[table["mapped"] == 0, "name"]) == ["武当山特区", "十堰经济技术开发区"]
    assert table["ten_unit"].sum() == 10


def test_conflict_register(facts):
    assert list(facts.conflicts["id"]) == [f"C{i}" for i in range(1, 14)]
    c13 = facts.conflicts.set_index("id").loc["C13", "values"]
    for number in ("464.9", "335.0", "598.5", "414"):
        assert number in c13


def test_forest_definitions(facts):
    points = {(p.year, p.definition): p for p in facts.forest_series}
    expect = {
        (1999, "D3"): 2.01, (2013, "H1"): 3.41, (2014, "H2"): 3.35,
        (2019, "D3"): 3.89, (2023, "D1"): 4.92, (2023, "D2"): 4.37,
    }  # fmt: skip
    for key, density in expect.items():
        assert points[key].density == pytest.approx(density, abs=0.005)
    assert points[(1999, "D3")].definition_status == "assumed"
    assert points[(2022, "")].density is None


def test_targets_as_of_the_first_run(facts):
    targets = {t.id: t for t in facts.targets}
    today = date(2026, 11, 22)
    assert {k: targets[k].value for k in targets} == {
        "pv-2025": 320, "wind-2025": 20, "biomass-2025": 5, "clean-2030": 880,
        "stock-2025": 4.5, "wetland-keep": 139.5, "nonfossil-2025": 21, "nonfossil-2030": 25,
    }  # fmt: skip
    pv = targets["pv-2025"]
    assert (pv.installed.value, pv.installed_as_of) == (22.0, "2023-03-18")
    assert [left for _, left in pv.remaining_cases()] == [320.0, 298.0]
    assert pv.status_line(today).zh == "已到期，官方结果未见"
    assert pv.status_line(date(2025, 12, 31)).zh == "期限 2025-12-31，尚有 0 天"
    assert targets["wind-2025"].remaining() is None
    assert targets["nonfossil-2030"].remaining_cases() == ()
    assert targets["clean-2030"].status_line(today).zh.startswith("期限 2030-12-31")
    assert targets["wetland-keep"].remaining() == pytest.approx(1.06)
    assert targets["wetland-keep"].status_line(today).zh == "期限未公布"
    stock = {say.zh: left for say, left in targets["stock-2025"].remaining_cases()}
    assert stock["D1（2023）"] == 0.0
    assert stock["D2（2023）"] == pytest.approx(0.13, abs=0.005)


def test_licences_and_citations(facts):
    for one in ("S10", "S10b", "S15", "GWA", "GSA"):
        assert facts.sources[one].licence == "CC-BY-4.0"
        assert facts.sources[one].citation in facts.passport.citations
    assert facts.passport.grade == "D"


def test_empty_facts():
    none = load_facts(None)
    assert not none
    assert none.sites == none.targets == none.forest_series == ()


def broken(tmp_path: Path, name: str, old: str, new: str) -> Path:
    shutil.copytree(HERE, tmp_path / "shiyan")
    path = tmp_path / "shiyan" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("site_figures.csv", "rated_head_m,255,,,m,S1,", "rated_head_m,255,,,m,,", "没有|无来源"),
        ("site_figures.csv", "rated_head_m,255,,,m,S1,", "rated_head_m,255,,,m,S99,", "未登记"),
        ("site_figures.csv", "rated_head_m,255,", "rated_head_m,25x,", "不是数字"),
        ("site_figures.csv", "rated_head_m,255,", "rated_head_m,nan,", "有限数"),
        ("site_figures.csv", "m,S1,A,published", "m,S1,Z,published", "grade"),
        ("site_figures.csv", "psh-pankou,capacity_mw,298", "psh-none,capacity_mw,298", "未登记"),
        ("site_figures.csv", "published,alt,规划值", "published,,规划值", "重复"),
        ("named_sites.csv", "hydro-pankou,", "psh-pankou,", "重复"),
        ("named_sites.csv", "town_centroid", "missing", "坐标"),
        ("named_sites.csv", ",hydro,", ",tidal,", "technology"),
        ("controls.csv", "km2,at_least,S2", "km2,at_least,", "无来源"),
        ("targets.csv", "2025-12-31", "2025-13-31", "日期"),
        ("targets.csv", "sum_of_sourced", "unknown", "类型"),
        ("forest_series.csv", "活立木,D3", "活立木,D9", "definition"),
        ("conflicts.csv", "S0;S3;S4;S5;S10", "S0;S777", "未登记"),
        ("site_events.csv", "psh-pankou,approved", "psh-none,approved", "未登记"),
        ("sources.csv", "S1,", "S0,", "重复"),
    ],
)
def test_faults_name_the_line(tmp_path, name, old, new, said):
    root = broken(tmp_path, name, old, new)
    with pytest.raises(TableError) as caught:
        load_facts("shiyan", root)
    line = caught.value.line("zh")
    assert name in caught.value.subject
    assert caught.value.subject.rsplit(":", 1)[1].isdigit()
    assert any(word in line for word in said.split("|"))


def test_missing_table_missing_column_and_extra_cell(tmp_path):
    root = broken(tmp_path, "targets.csv", "deadline,", "end,")
    with pytest.raises(TableError, match="deadline"):
        load_facts("shiyan", root)
    (root / "shiyan" / "targets.csv").unlink()
    with pytest.raises(TableError, match=r"targets\.csv"):
        load_facts("shiyan", root)
    shutil.copy(HERE / "targets.csv", root / "shiyan" / "targets.csv")
    path = root / "shiyan" / "wetland.csv"
    path.write_text(path.read_text(encoding="utf-8") + "a,b,1,ha,S1,A,published,x,y\n", "utf-8")
    with pytest.raises(TableError, match="more cells"):
        load_facts("shiyan", root)


@pytest.mark.parametrize("name", ["nowhere", "../shiyan", "/etc"])
def test_unknown_facts_are_refused(name):
    with pytest.raises(TableError):
        load_facts(name)


def test_unknown_site_is_refused(facts):
    with pytest.raises(TableError):
        facts.site("psh-nowhere")
