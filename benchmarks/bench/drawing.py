"""A picture of bars, in SVG."""

from __future__ import annotations

from html import escape

KINDS = (("API", "#2f6fb3"), ("PostgreSQL", "#d98a29"), ("Redis", "#b23a48"))
_LEFT, _ROW, _WIDTH, _TOP = 300, 20, 560, 44


def bars(rows: list[tuple[str, list[float]]]) -> str:
    """CPU-milliseconds of each path by kind of process, on a scale that what is beyond 30 ms leaves."""
    most = min(30.0, max(sum(parts) for _, parts in rows))
    drawn = [_legend()]
    for number, (name, parts) in enumerate(rows):
        top = _TOP + number * _ROW
        drawn.append(f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>')
        left = float(_LEFT)
        for part, (_, color) in zip(parts, KINDS, strict=True):
            wide = min(part / most * _WIDTH, _LEFT + _WIDTH - left)
            drawn.append(f'<rect x="{left:.1f}" y="{top + 2}" width="{wide:.1f}" height="{_ROW - 5}" fill="{color}"/>')
            left += wide
        drawn.append(f'<text x="{left + 6:.1f}" y="{top + 13}">{sum(parts):.1f}</text>')
    height = _TOP + len(rows) * _ROW + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 60} {height}" '
        f'font-family="sans-serif" font-size="12" fill="#444">\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _legend() -> str:
    parts = ['<text x="8" y="20" font-weight="bold">CPU-milliseconds for one of each</text>']
    for number, (name, color) in enumerate(KINDS):
        left = _LEFT + number * 110
        parts.append(f'<rect x="{left}" y="10" width="12" height="12" fill="{color}"/>')
        parts.append(f'<text x="{left + 18}" y="20">{name}</text>')
    return "\n".join(parts)
