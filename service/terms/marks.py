"""Which tests carry which clause, read from their source: ``@pytest.mark.clause("4.1")``."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def marked_tests(folder: Path) -> Mapping[str, list[str]] | None:
    """The tests of each clause as pytest names them; None where no tests are installed."""
    if not folder.is_dir():
        return None
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        place = path.relative_to(folder.parent).as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        for name, clause in _marked(tree):
            found.setdefault(clause, []).append(f"{place}::{name}")
    return found


def _marked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                for clause in _clauses_of(decorator):
                    yield node.name, clause


def _clauses_of(decorator: ast.expr) -> list[str]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.clause":
        return [str(ast.literal_eval(argument)) for argument in decorator.args]
    return []
