"""YAML for people's hands: small, flat, without aliases, and with line numbers.

PyYAML's ``safe_load`` expands aliases without limit, lets the last duplicate key win
and reads ``no`` as false, ``010`` as 8, ``12:30:00`` as 45000 and ``1e3`` as text
(measured; reference ux §4.2). Here an alias, an anchor, a tag, a merge key or a
duplicate key is an error, and scalars follow the YAML 1.2 core schema; a date stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from geo.errors import CatalogError, Say

#: Limits of a catalog or region file.
MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 10
#: libyaml where the wheel brings it (ten times faster), the same events and marks without it.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Position of a value in the file: keys and list indices from the top.
Where = tuple[str | int, ...]

#: Escapes may write what the reader itself refuses: no file or terminal takes these.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN)"
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file and the line of every value in it.

    Parameters
    ----------
    name
        File name for messages.
    data
        Plain dict, list, str, int, float, bool or None.
    lines
        Line number (from 1) by position.
    files
        Name of the file that holds a position, where the document was joined from several.
    """

    name: str
    data: Any
    lines: Mapping[Where, int]
    files: Mapping[Where, str] = field(default_factory=dict)

    def line_of(self, where: Where) -> int:
        """Return the line of ``where``, or of the nearest value that holds it."""
        for end in range(len(where), -1, -1):
            if where[:end] in self.lines:
                return self.lines[where[:end]]
        return 1

    def place(self, where: Where) -> str:
        """Return ``file:line`` of ``where``."""
        inside = (self.files[where[:end]] for end in range(len(where), 0, -1)
                  if where[:end] in self.files)  # fmt: skip
        return f"{next(inside, self.name)}:{self.line_of(where)}"


def joined(main: Document, parts: Sequence[Document], key: str) -> Document:
    """Return ``main`` with the lists that its parts hold under ``key``, one after the other.

    Raises
    ------
    CatalogError
        When a part is anything but such a list, or the main document has its own.
    """
    rows: list[Any] = []
    lines = dict(main.lines)
    files: dict[Where, str] = {}
    for part in parts:
        data = part.data
        if not (isinstance(data, dict) and set(data) == {key} and isinstance(data[key], list)):
            raise _error(
                part.name,
                None,
                Say(f"应只有一个列表 {key}:", f"should hold the list {key}: and nothing else"),
                Say("其余内容写进主文件", "keep everything else in the main file"),
            )
        first = len(rows)
        rows.extend(data[key])
        files |= {(key, first + k): part.name for k in range(len(data[key]))}
        lines |= {
            (key, first + int(where[1]), *where[2:]): line
            for where, line in part.lines.items()
            if len(where) > 1
        }
    if key in main.data:
        raise _error(
            main.name,
            main.line_of((key,)),
            Say(f"{key} 已分到各分文件", f"{key} stands in the parts"),
            Say("移到分文件中", "move it to a part"),
        )
    return Document(main.name, {**main.data, key: rows}, lines, files)


def load_yaml(path: Path) -> Document:
    """Read a YAML file of at most 1 MB.

    Raises
    ------
    CatalogError
        When the file is missing, too large, not UTF-8, not one plain YAML document.
    """
    name = str(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _error(
                name,
                None,
                Say(f"有 {size} 字节，上限 {MAX_BYTES}", f"has {size} bytes, limit {MAX_BYTES}"),
                Say("拆分文件，数据不要写进目录", "split it; keep data out of it"),
            )
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _error(
            name,
            None,
            Say(f"不是 UTF-8 编码（第 {error.start} 字节）", f"is not UTF-8 (byte {error.start})"),
            Say("另存为 UTF-8", "save it as UTF-8"),
        ) from error
    except OSError as error:
        raise _error(
            name,
            None,
            Say("文件不存在或不能读取", f"cannot be read ({error.strerror})"),
            Say("检查路径与权限", "check the path and its permissions"),
        ) from error
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> Document:
    """Parse one YAML document; see :func:`load_yaml` for what is refused."""
    if len(text.encode()) > MAX_BYTES:
        raise _error(
            name,
            None,
            Say(f"超过 {MAX_BYTES} 字节", f"is larger than {MAX_BYTES} bytes"),
            Say("拆分文件", "split it"),
        )
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error)
        raise _error(
            name,
            mark.line + 1 if mark else None,
            Say(f"YAML 语法有误：{problem}", f"is not valid YAML: {problem}"),
            Say("检查该行的缩进、冒号与引号", "check indent, colons and quotes there"),
        ) from error
    lines: dict[Where, int] = {}
    data = None if node is None else _build(node, (), lines, name)
    return Document(name, data, lines)


def _check_events(text: str, name: str) -> None:
    """Walk the parser's events (no recursion, nothing expanded) and refuse what is unsafe."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _error(
                name,
                line,
                Say("使用了 YAML 锚点或别名（& 或 *）", "uses a YAML anchor or alias (& or *)"),
                Say("把内容直接写出", "write the content out"),
            )
        tag = getattr(event, "tag", None)
        if tag:
            raise _error(
                name,
                line,
                Say(f"使用了 YAML 标签 {tag}", f"uses the YAML tag {tag}"),
                Say("去掉 ! 标签", "remove the ! tag"),
            )
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or documents > 1:
            raise _error(
                name,
                line,
                Say(
                    f"嵌套超过 {MAX_DEPTH} 层或含多个文档",
                    f"nests deeper than {MAX_DEPTH} levels or holds several documents",
                ),
                Say("改成一个平的文档", "make it one flat document"),
            )


def _build(node: yaml.Node, where: Where, lines: dict[Where, int], name: str) -> Any:
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, name)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*where, i), lines, name) for i, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = _key(key_node, name)
        if key in result:
            raise _error(
                name,
                key_node.start_mark.line + 1,
                Say(f"键 {key} 重复", f"has the key {key} twice"),
                Say("只留一个", "keep one of them"),
            )
        lines[(*where, key)] = key_node.start_mark.line + 1
        result[key] = _build(value_node, (*where, key), lines, name)
    return result


def _key(node: yaml.Node, name: str) -> str:
    value = _scalar(node, name) if isinstance(node, yaml.ScalarNode) else None
    if not isinstance(value, str) or value == "<<":
        raise _error(
            name,
            node.start_mark.line + 1,
            Say("键必须是文本，且不得为 <<", "a key must be text, and not <<"),
            Say("给键加引号", "quote the key"),
        )
    return value


def _scalar(node: yaml.ScalarNode, name: str) -> str | int | float | bool | None:
    """Resolve a plain scalar by the YAML 1.2 core schema; quoted scalars are text."""
    text = str(node.value)
    if _UNPRINTABLE.search(text):
        mark = node.start_mark
        raise _error(
            name,
            mark.line + 1 if mark else None,
            Say("含有控制字符或残缺的 Unicode 转义", "holds a control character or half a code"),
            Say("改用可见字符", "write visible characters"),
        )
    if node.style:  # libyaml writes a plain style as an empty text
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text) and len(text) < 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _error(name: str, line: int | None, what: Say, cure: Say) -> CatalogError:
    subject = name if line is None else f"{name}:{line}"
    return CatalogError(subject, what, cure)
