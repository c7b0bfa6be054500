"""The rules of the house that no linter knows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What only the public pages load; no page of the desk does.
PUBLIC = {"status.css"}
FLOORS = ("config", "tickets", "escalation", "kb")
# Where reading the clock is somebody's job; everywhere else time is an argument.
CLOCK_READERS = {"views", "api", "tasks", "commands", "admin", "accounts"}


def modules() -> list[Path]:
    found = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def reads_the_clock(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    named = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return (named, node.func.attr) in {
        ("timezone", "now"),
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("date", "today"),
    }


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_only_the_outermost_code_reads_the_clock(path: Path) -> None:
    places = set(path.relative_to(ROOT).parts[:-1]) | {path.stem}
    if places & CLOCK_READERS:
        return
    readers = [n.lineno for n in ast.walk(ast.parse(path.read_text())) if reads_the_clock(n)]
    assert readers == [], f"{relative(path)} reads the clock on lines {readers}; pass now in"


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text())
    hidden = [
        f"{node.name}:{inner.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "ready"
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_every_module_says_what_lives_in_it(path: Path) -> None:
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{relative(path)} says nothing"


@pytest.mark.parametrize("path", modules(), ids=relative)
def test_modules_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300, f"{relative(path)} is past 300 lines: split it by use-case"
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long == []


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        # As they are written, comments and all: they are served so, for there is no build, and read so
        # by who must mend them. Past it something is said twice: what two need goes into theme.js.
        pytest.param("js", 40 * 1024, id="all scripts"),
        # The same for the looks: what two pages share is one rule.
        pytest.param("css", 60 * 1024, id="all style sheets"),
    ],
)
def test_what_a_browser_fetches_stays_small(kind: str, most: int) -> None:
    sizes = {
        path.name: path.stat().st_size
        for path in (ROOT / "config" / "static" / kind).glob(f"*.{kind}")
        if path.name not in PUBLIC
    }
    assert 0 < sum(sizes.values()) <= most, f"{kind}: {sum(sizes.values())} of {most}: {sizes}"


def test_the_top_level_holds_what_the_readme_names_and_nothing_else() -> None:
    listed = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".")
        and path.name not in {"staticfiles", "build"}
        and not path.name.endswith(".egg-info")
    }
    assert listed - {"manage.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} == {
        "config", "tickets", "escalation", "kb", "templates", "tests",
    }  # fmt: skip
