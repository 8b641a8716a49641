"""YAML that people write: what is read, what is refused, and on which line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from geo.errors import CatalogError
from layers.yaml_safe import MAX_BYTES, joined, load_yaml, parse_yaml


def test_plain_document_with_lines() -> None:
    document = parse_yaml("a: 1\nb:\n  c: [x, 2.5, true, null]\n", "t.yaml")
    assert document.data == {"a": 1, "b": {"c": ["x", 2.5, True, None]}}
    assert document.line_of(("b", "c")) == 3
    assert document.line_of(("b", "c", 1)) == 3
    assert document.line_of(("b", "missing", "deep")) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),  # YAML 1.1 reads False
        ("010", "010"),  # YAML 1.1 reads 8
        ("12:30:00", "12:30:00"),  # YAML 1.1 reads 45000
        ("1e3", 1000.0),  # PyYAML reads text
        ("2024-01-02", "2024-01-02"),  # PyYAML reads a date
        ("'1.0'", "1.0"),
        ("-9999", -9999),
        ("-.5", -0.5),
        ("~", None),
        ("True", True),
        ("0x1f", "0x1f"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert parse_yaml(f"a: {text}\n", "t.yaml").data == {"a": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x 1\nb: 2\n", 1),
        ("a: 1\nb: *x\n", 2),
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: 1\n2: b\n", 2),
        ("a: 1\n? [x]\n: b\n", 2),
        ("a: {<<: b}\n", 1),
        ("a: !!python/object:os.system x\n", 1),
        ("a: !!str 1\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: [1, 2\nb: 3\n", 2),
        ("a:\n\tb: 1\n", 2),
    ],
)
def test_refused_with_file_and_line(text: str, line: int) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_yaml(text, "bad.yaml")
    assert caught.value.subject.startswith(f"bad.yaml:{line}"), caught.value.line()
    assert caught.value.exit_code == 3


def test_depth_limit() -> None:
    parse_yaml("a: " + "[" * 9 + "]" * 9, "t.yaml")
    with pytest.raises(CatalogError, match="deeper than 10"):
        parse_yaml("a: " + "[" * 10 + "]" * 10, "t.yaml")
    with pytest.raises(CatalogError, match="deeper than 10"):
        parse_yaml("[" * 100_000, "t.yaml")  # refused before anything recurses


def test_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    start = time.perf_counter()
    with pytest.raises(CatalogError, match="anchor or alias"):
        parse_yaml("\n".join(lines), "bomb.yaml")
    assert time.perf_counter() - start < 1.0


def test_oversized_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("a: " + "x" * MAX_BYTES, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"big\.yaml.*limit 1000000"):
        load_yaml(path)


def test_encoding_and_absence(tmp_path: Path) -> None:
    path = tmp_path / "gbk.yaml"
    path.write_bytes("名: 十堰\n".encode("gb18030"))
    with pytest.raises(CatalogError, match="not UTF-8"):
        load_yaml(path)
    path.write_bytes("\ufeff名: 值\n".encode())
    assert load_yaml(path).data == {"名": "值"}
    with pytest.raises(CatalogError, match="cannot be read"):
        load_yaml(tmp_path / "none.yaml")


def test_empty_file_is_none() -> None:
    assert parse_yaml("", "t.yaml").data is None


@pytest.mark.parametrize("text", [r'a: "\ud800"', r'"\ud800": 1', r'a: "\e[31m"', r'a: "x\0y"'])
def test_escapes_that_no_file_or_terminal_takes(text: str) -> None:
    with pytest.raises(CatalogError) as caught:
        parse_yaml(text, "c.yaml")
    assert "c.yaml:1" in caught.value.line("zh")
    caught.value.line("en").encode()


def test_newlines_and_tabs_in_text_stay() -> None:
    assert parse_yaml(r'a: "x\n\ty"', "c.yaml").data == {"a": "x\n\ty"}


def test_parts_join_in_order_and_keep_their_lines() -> None:
    main = parse_yaml("title: t\n", "main.yaml")
    parts = [
        parse_yaml("rows:\n  - a: 1\n  - a: 2\n", "one.yaml"),
        parse_yaml("# note\nrows:\n  - a: 3\n    b: 4\n", "two.yaml"),
    ]
    whole = joined(main, parts, "rows")
    assert whole.data == {"title": "t", "rows": [{"a": 1}, {"a": 2}, {"a": 3, "b": 4}]}
    assert whole.place(("rows", 1, "a")) == "one.yaml:3"
    assert whole.place(("rows", 2, "b")) == "two.yaml:4"
    assert whole.place(("title",)) == "main.yaml:1"


@pytest.mark.parametrize("part", ["rows: {a: 1}\n", "rows: []\nother: 1\n", "- 1\n", ""])
def test_a_part_holds_its_list_and_nothing_else(part: str) -> None:
    with pytest.raises(CatalogError, match=r"two\.yaml"):
        joined(parse_yaml("title: t\n", "main.yaml"), [parse_yaml(part, "two.yaml")], "rows")


def test_a_list_stands_in_one_place() -> None:
    main = parse_yaml("title: t\nrows: []\n", "main.yaml")
    with pytest.raises(CatalogError, match=r"main\.yaml:2"):
        joined(main, [parse_yaml("rows: []\n", "one.yaml")], "rows")
