"""The changes: of what a function says, one node at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
#: Calls of which each named argument matters by itself: conditions of a query, and what it writes.
QUERIES = {"filter", "exclude", "update", "get", "create", "move"}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """`function` is its qualified name, `what` the change in words, `code` the function as it then is."""

    path: str
    line: int
    function: str
    what: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.what}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of every function in the file, outermost functions and methods with all that is in them."""
    text = path.read_text()
    tree, lines = ast.parse(text), text.splitlines()
    for function, name in _functions(tree):
        for site in _sites(function):
            for what, change in _changes(site):
                if isinstance(site, ast.Constant):
                    what += f" in `{lines[site.lineno - 1].strip().replace('|', '¦')[:70]}`"
                line, undo = site.lineno, change()
                try:
                    ast.fix_missing_locations(tree)
                    code = _code_of(compile(copy.deepcopy(tree), str(path.resolve()), "exec"), name)
                finally:
                    undo()
                yield Mutant(str(path), line, name, what, code)


def functions_of(path: Path) -> dict[str, CodeType]:
    """The functions of the file as they are, by qualified name."""
    tree = ast.parse(path.read_text())
    whole = compile(tree, str(path.resolve()), "exec")
    return {name: _code_of(whole, name) for _, name in _functions(tree)}


def _functions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, prefix + node.name
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def _code_of(whole: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        # Of several with one name (a property and its setter) the last is the one that stands.
        whole = [each for each in whole.co_consts if isinstance(each, CodeType) and each.co_name == part][-1]
    return whole


def _sites(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of the body, without annotations, docstrings and what is only said to people."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if hasattr(node, "lineno"):
            yield node
        skipped = {id(part) for part in (getattr(node, "annotation", None), getattr(node, "returns", None)) if part}
        waiting += [each for each in reversed(list(ast.iter_child_nodes(node))) if id(each) not in skipped]


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """What may be changed about this node: words for it, and a call that does it and returns how to take it back."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            yield (
                _said(node, ast.Compare(node.left, [COMPARED[type(op)]()], node.comparators)),
                _set(node, "ops", [COMPARED[type(op)]()]),
            )
        case ast.BinOp(op=op) if type(op) in COUNTED and not _is_text(node):
            swapped = COUNTED[type(op)]()
            yield _said(node, ast.BinOp(node.left, swapped, node.right)), _set(node, "op", swapped)
        case ast.AugAssign(op=op) if type(op) in COUNTED:
            swapped = COUNTED[type(op)]()
            yield _said(node, ast.AugAssign(node.target, swapped, node.value)), _set(node, "op", swapped)
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield _said(node, ast.BoolOp(other, values)), _set(node, "op", other)
        case ast.Constant(value=bool(value)):
            yield f"`{value}` → `{not value}`", _set(node, "value", not value)
        case ast.Constant(value=int(value)):
            yield f"`{value}` → `{value + 1}`", _set(node, "value", value + 1)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if not _turned_already(test):
            yield f"if `{_short(test)}` → if not", _set(node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield f"`return {_short(value)}` → `return None`", _set(node, "value", ast.Constant(None))
        case ast.Raise():
            yield f"`{_short(node)}` → nothing", _gone(node)
        case ast.Expr(value=ast.Call()):
            yield f"`{_short(node)}` → nothing", _set(node, "value", ast.Constant(None))
        case ast.Call(func=ast.Name(id=name)) if name in SWAPPED:
            yield f"`{name}` → `{SWAPPED[name]}` in `{_short(node)}`", _set(node.func, "id", SWAPPED[name])
        case ast.Call(func=ast.Attribute(attr=name), keywords=keywords) if name in QUERIES:
            for each in [one for one in keywords if one.arg]:
                rest = [one for one in keywords if one is not each]
                yield f"`{name}({_short(each)})` → without it", _set(node, "keywords", rest)


def _turned_already(test: ast.expr) -> bool:
    """Whether the comparison itself is turned into its opposite anyway."""
    opposed = ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn
    return isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], opposed)


def _set(node: ast.AST, name: str, value: object) -> object:
    def change() -> object:
        former = getattr(node, name)
        setattr(node, name, value)
        return lambda: setattr(node, name, former)

    return change


def _gone(node: ast.Raise) -> object:
    """`raise` becomes `assert True`, which is nothing, without another place in the tree."""

    def change() -> object:
        former = dict(node.__dict__)
        node.__class__ = ast.Assert  # type: ignore[assignment]
        node.__dict__.update(test=ast.Constant(True), msg=None)

        def undo() -> None:
            node.__class__ = ast.Raise
            node.__dict__.clear()
            node.__dict__.update(former)

        return undo

    return change


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.Constant | ast.JoinedStr) and not _is_number(side) for side in (node.left, node.right)
    )


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split()).replace("|", "¦")[:70]


def _said(was: ast.AST, becomes: ast.AST) -> str:
    return f"`{_short(was)}` → `{_short(becomes)}`"
