"""One table from the measurements of all sizes."""

from typing import Any


def table(results: dict[int, dict[str, Any]]) -> str:
    """Markdown: a row a figure, a column a size."""
    sizes = list(results)
    names = list(dict.fromkeys(name for size in sizes for name in results[size]))
    head = "| figure | " + " | ".join(f"{size:,} tickets" for size in sizes) + " |"
    rule = "|---|" + "---:|" * len(sizes)
    rows = [
        f"| {name} | " + " | ".join(_cell(results[size].get(name)) for size in sizes) + " |"
        for name in names
    ]
    return "\n".join([head, rule, *rows])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
