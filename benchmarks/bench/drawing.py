"""A picture of bars, in SVG."""

from __future__ import annotations

from html import escape

KINDS = (("API", "#2f6fb3"), ("PostgreSQL", "#d98a29"), ("Redis", "#b23a48"))
_LEFT, _ROW, _WIDTH, _TOP = 300, 20, 560, 44


def bars(rows: list[tuple[str, list[float]]]) -> str:
    """CPU-milliseconds of each path by kind of process; what is beyond 30 is drawn as long as the scale, and broken."""
    most = min(30.0, max(sum(parts) for _, parts in rows))
    drawn = [_legend()]
    for number, (name, parts) in enumerate(rows):
        top = _TOP + number * _ROW
        drawn.append(f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>')
        left = float(_LEFT)
        for part, (_, color) in zip(parts, KINDS, strict=True):
            wide = part / max(most, sum(parts)) * _WIDTH
            drawn.append(f'<rect x="{left:.1f}" y="{top + 2}" width="{wide:.1f}" height="{_ROW - 5}" fill="{color}"/>')
            left += wide
        if sum(parts) > most:
            drawn.append(f'<path d="M{_LEFT + 40} {top + 19} l8 -19 m6 0 l-8 19" stroke="#fff" stroke-width="3"/>')
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
    parts.append(f'<text x="{_LEFT + 350}" y="20">A broken bar is longer than the scale.</text>')
    return "\n".join(parts)
