"""Part storage: cards that judge nothing, capacities counted once, targets that stay open."""

import doctest
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from atlas.map import blocks
from atlas.part import Context
from atlas.parts.storage import PART
from geo.errors import Say
from geo.grid import Grid
from layers.facts import Facts, load_facts
from layers.layer import LayerStack
from layers.region import Region
from siting.hydro import named as hydro
from siting.pumped import energy
from siting.sites.columns import COLUMNS

AS_OF = date(2026, 11, 22)
CRS = "EPSG:4546"
NAMED = ("pankou", "huanglongtan", "fangxian", "wushangou", "tianchiling")


def context(facts: Facts, lang: str = "zh", as_of: date = AS_OF) -> Context:
    frame = box(350_000, 3_480_000, 560_000, 3_690_000)
    counties = gpd.GeoDataFrame({"code": [""], "name": ["全区"]}, geometry=[frame], crs=CRS)
    region = Region("x", Say("甲", "A"), CRS, frame, counties, None, None, 900.0)
    grid = Grid.from_bounds(CRS, frame.bounds, 900.0)
    return Context(
        region, LayerStack(grid, {}), facts, as_of, "explore", 0, lang, lambda _stage: None
    )


@pytest.fixture(scope="module")
def result():
    return PART.run(context(load_facts("shiyan")), {})


def card(result, site_id):
    for view in result.vectors:
        for one, found in zip(view.features["card"], view.features["id"], strict=True):
            if found == site_id:
                return one
    return next(
        item
        for block in result.tabs[0].blocks
        if block["type"] == "cards"
        for item in block["items"]
        if item["id"] == site_id
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_block_and_card_can_be_drawn(lang):
    made = PART.run(context(load_facts("shiyan"), lang), {})
    for tab in made.tabs:
        assert tab.sentence.zh
        assert tab.sentence.en
        for block in tab.blocks:
            blocks.check(block, tab.id)
    for view in made.vectors:
        for one in view.features["card"]:
            blocks.card(one, view.id)
    json.dumps(made.summary)


def test_tabs_in_their_places(result):
    assert [(t.id, t.title.zh, t.order) for t in result.tabs] == [
        ("storage", "抽蓄", 30),
        ("targets", "目标", 50),
    ]
    assert "6 处" in result.tabs[0].sentence.zh
    assert "319.8 万千瓦" in result.tabs[0].sentence.zh


def test_nothing_named_is_judged_or_synthetic(result):
    assert set(result.sites["verdict_zh"]) == {"未筛查"}
    assert not result.sites["synthetic"].any()
    assert not result.passport.synthetic
    assert result.passport.unverified
    for view in result.vectors:
        assert {one["pill"]["text"] for one in view.features["card"]} == {"未筛查"}
        assert "reasons" not in view.features["card"].iloc[0]


def test_sites_follow_the_shared_columns(result):
    sites = result.sites
    assert list(sites.columns)[: len(COLUMNS)] == list(COLUMNS)
    assert sites["id"].is_unique
    storage = sites[sites["technology"] == "pumped"].set_index("id")
    assert storage["energy_gwh"].isna().all()
    assert storage["pumping_gwh_a"].isna().all()
    assert storage.loc["psh-huanglongtan", "discharge_gwh_a"] == 556
    assert storage.loc["psh-huanglongtan", "storage_gwh"] == pytest.approx(3.28, abs=0.005)
    assert (
        all(sites["source"] != "") or sites.loc[sites["source"] == "", "capacity_mw"].isna().all()
    )
    inside = sites[sites["lon"].notna()]
    assert inside.geometry.within(box(350_000, 3_480_000, 560_000, 3_690_000)).all()
    assert sites.loc[sites["lon"].isna()].geometry.isna().all()


def test_capacity_of_one_project_is_counted_once(result):
    plan = result.sites.set_index("id")["capacity_mw"]
    named = [f"psh-{x}" for x in NAMED]
    assert plan[named].sum() == 298 + 500 + 1200 + 1200
    assert result.summary["mw_published_in_plan"] == 3198
    assert result.summary["named_in_plan"] == 6
    assert result.summary["mw_by_status"]["construction"] == 298
    row = result.sites.set_index("id").loc["psh-wushangou"]
    assert "不另计" in row["note"]


def test_cards_say_what_is_missing_and_what_that_means(result):
    notes = " ".join(card(result, "psh-guanshan")["notes"])
    assert "不能给出蓄能量与满发小时" in notes
    assert "未核查" in notes
    assert "2030 年前投产装机按 0 计" in notes
    both = card(result, "psh-fangxian")
    labels = [row["label"] for row in both["rows"]]
    assert "方案 A 额定水头" in labels
    assert "方案 B 额定水头" in labels
    assert len(both["notes"]) == len(set(both["notes"]))


def test_every_number_of_a_card_names_its_source(result):
    for view in result.vectors:
        for one in view.features["card"]:
            assert all(row["note"] for row in one["rows"]), one["title"]


def test_conflicts_stand_in_the_tab_and_in_the_sheet(result):
    table = next(b for b in result.tabs[0].blocks if b["type"] == "table")
    assert len(table["rows"]) == 13
    sheet = next(t for t in result.tables if t.name == "冲突登记")
    assert list(sheet.frame["编号"]) == [f"C{i}" for i in range(1, 14)]


def test_targets_past_their_deadline_stay_open(result):
    found = {t["id"]: t for t in result.summary["targets"]}
    assert found["pv-2025"]["status"] == "已到期，官方结果未见"
    assert found["pv-2025"]["remaining"] == 298.0
    assert found["wind-2025"]["installed"] is None
    assert found["wind-2025"]["remaining"] is None
    assert found["clean-2030"]["installed_kind"] == "unsettled"
    assert found["wetland-keep"]["remaining"] == 1.06
    assert "差 1.06" in result.tabs[1].sentence.zh
    rows = next(b for b in result.tabs[1].blocks if b["type"] == "table")["rows"]
    cells = {row[0]: row[1] for row in rows}
    assert cells["湿地保有量"] == "138.44 / 139.5\u2009万亩"
    assert cells["2025 亩均森林蓄积 D1（2023）"] == "4.92 / 4.5\u2009m³/亩"
    assert cells["2025 亩均森林蓄积 D2（2023）"] == "4.37 / 4.5\u2009m³/亩"
    assert cells["2025 风电装机"] == "未见 / 20\u2009万千瓦"
    assert cells["2030 清洁能源装机"] == "口径未定 / 880\u2009万千瓦"


def test_target_cards_name_deadline_state_and_definition(result):
    items = {i["id"]: i for i in result.tabs[1].blocks[1]["items"]}
    assert items["pv-2025"]["pill"]["text"] == "已到期"
    assert items["clean-2030"]["pill"]["text"] == "未到期"
    assert items["wetland-keep"]["pill"]["text"] == "期限未公布"
    said = " ".join(items["stock-2025"]["notes"])
    assert "D1 森林蓄积 / 三调森林面积" in said
    assert "D3 活立木 / " in said
    assert "C8" in " ".join(items["wetland-keep"]["notes"])


def test_before_the_deadline_the_days_are_counted():
    early = PART.run(context(load_facts("shiyan"), as_of=date(2025, 6, 30)), {})
    found = {t["id"]: t for t in early.summary["targets"]}
    assert found["pv-2025"]["status"] == "期限 2025-12-31，尚有 184 天"


def test_sheets(result):
    assert [t.name for t in result.tables] == [
        "抽蓄与水电", "目标", "冲突登记", "县市区", "保护地", "来源",
    ]  # fmt: skip
    plants = result.tables[0]
    assert plants.passport.unverified
    designs = plants.frame[plants.frame["编号"] == "psh-fangxian"]
    assert list(designs["方案"]) == ["A", "B"]
    assert len(result.tables[-1].frame) == len(load_facts("shiyan").sources)


def test_markers_only_where_a_position_is_published(result):
    facts = load_facts("shiyan")
    drawn = {one for view in result.vectors for one in view.features["id"]}
    assert drawn == {s.id for s in facts.sites if s.lon is not None}
    assert {view.role for view in result.vectors} == {"named"}
    assert {i for view in result.vectors for i in view.features["icon"]} == {"pumped", "hydro"}


def test_without_facts_the_part_is_absent():
    none = PART.run(context(Facts.empty()), {})
    assert none.absent is not None
    assert none.tabs == ()
    assert none.sites is None
    for word in ("十堰", "湖北"):
        assert word not in none.absent.zh


def test_sites_alone_are_enough():
    facts = load_facts("shiyan")
    for technology in ("pumped", "hydro"):
        only = facts.of_technology(technology)
        made = PART.run(context(replace(facts, sites=only, targets=())), {})
        assert len(made.sites) == len(only)
        assert made.summary["targets"] == []


def test_targets_alone_are_enough():
    made = PART.run(context(replace(load_facts("shiyan"), sites=())), {})
    assert len(made.sites) == 0
    assert made.summary["named_projects"] == 0
    assert len(made.summary["targets"]) == 8


def test_same_facts_same_result(result):
    again = PART.run(context(load_facts("shiyan")), {})
    assert json.dumps(again.summary) == json.dumps(result.summary)
    assert again.sites.drop(columns="geometry").equals(result.sites.drop(columns="geometry"))


def test_the_examples_of_the_method_note_hold():
    page = Path(__file__).parents[2] / "docs" / "methods" / "storage.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 5) == (0, True)
    for module in (energy, hydro):
        failed, tried = doctest.testmod(module)
        assert (failed, tried > 0) == (0, True)


def strings(value):
    """Yield every text of a nested block."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


def test_english_holds_no_chinese():
    made = PART.run(context(load_facts("shiyan"), "en"), {})
    chinese = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
    found = [text for tab in made.tabs for text in strings(tab.blocks) if chinese.search(text)]
    for view in made.vectors:
        found += [t for one in view.features["card"] for t in strings(one) if chinese.search(t)]
    for section in made.sections:
        found += [t for t in strings(section.table.to_dict("records")) if chinese.search(t)]
        found += [name for name in section.table.columns if chinese.search(name)]
    assert found == []


def test_every_chinese_text_of_the_facts_has_its_english():
    facts = load_facts("shiyan")
    for site in facts.sites:
        for name in ("note", "place", "upper_water", "lower_water"):
            zh, en = getattr(site, name), getattr(site, f"{name}_en")
            assert bool(zh) == bool(en), (site.id, name)
            assert not zh or zh != en, (site.id, name)
        assert all(e.note_en != e.note or not e.note for e in site.events)
    for one in facts.targets:
        assert bool(one.note) == bool(one.note_en)
        assert bool(one.installed_note) == bool(one.installed_note_en)


def test_before_the_deadline_no_target_reads_past_and_newer_facts_are_marked():
    for lang, none, newer in (
        ("zh", "8 项规划目标均未到期", "晚于截至日"),
        ("en", "none of 8 targets is past", "later than the as-of day"),
    ):
        early = PART.run(context(load_facts("shiyan"), lang, date(2022, 6, 30)), {})
        assert early.tabs[1].sentence.of(lang).startswith(none)
        assert any(newer in say.of(lang) for say in early.warnings)
        items = {i["id"]: i for i in early.tabs[1].blocks[1]["items"]}
        assert any(newer in note for note in items["pv-2025"]["notes"])
        text = " ".join(strings(early.tabs[1].blocks))
        assert "官方结果未见" not in text
        assert "no official result seen" not in text


def test_on_the_last_day_a_target_is_open_and_the_day_after_it_is_past():
    for day, pill in ((date(2025, 12, 31), "未到期"), (date(2026, 1, 1), "已到期")):
        made = PART.run(context(load_facts("shiyan"), as_of=day), {})
        items = {i["id"]: i for i in made.tabs[1].blocks[1]["items"]}
        assert items["pv-2025"]["pill"]["text"] == pill
    late = PART.run(context(load_facts("shiyan"), as_of=date(2030, 1, 1)), {})
    found = {t["id"]: t["status"] for t in late.summary["targets"]}
    assert found["clean-2030"] == "期限 2030-12-31，尚有 364 天"
    assert found["stock-2025"] == "已到期，官方结果未见"
    assert not any("晚于截至日" in say.zh for say in late.warnings)


def test_unit_cost_says_which_investment_it_divides(result):
    costs = {"psh-huanglongtan": "静态投资", "psh-pankou": "静态或动态未说明"}
    for site_id, basis in costs.items():
        (row,) = (r for r in card(result, site_id)["rows"] if r["label"] == "单位造价")
        assert basis in row["note"]
    frame = next(t for t in result.tables if t.name == "抽蓄与水电").frame.set_index("编号")
    assert frame.loc["psh-huanglongtan", "造价口径"] == "静态投资"
    assert "未说明" in frame.loc["psh-tianchiling", "造价口径"]
    assert not frame.loc["psh-guanshan", "造价口径"]
    assert "造价口径" in result.sections[0].table.columns
