"""Draws docs/performance.svg from docs/performance.csv, and prints the same figures as a Markdown table.

    python3 ci/bench/chart.py [--check]

`--check` writes nothing and fails if the chart is not the one for the figures. `ci/bench.sh` writes the figures.
"""

import csv
import math
import sys
from html import escape
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
FIGURES, CHART = DOCS / "performance.csv", DOCS / "performance.svg"

WIDTH, LABELS, RIGHT = 880, 350, 60
TOP, ROW, BAR = 78, 46, 14
DECODE, ENCODE = "#2f6f9f", "#d08a2e"


def figures():
    """The rows: work, peer, and how many times as fast decoding and encoding are, or `None`."""
    with FIGURES.open(newline="") as file:
        for row in csv.DictReader(file):
            factors = [float(row[name]) if row[name] else None for name in ("decode", "encode")]
            yield row["work"], row["peer"], factors


def number(factor):
    if factor is None:
        return ""
    return f"{factor:.1f}" if factor < 10 and factor != int(factor) else f"{factor:,.0f}"


def chart(rows):
    decades = math.ceil(math.log10(max(factor for *_, both in rows for factor in both if factor)) - 0.3) + 0.3
    scale = (WIDTH - LABELS - RIGHT) / decades
    height = TOP + ROW * len(rows) + 14

    def text(x, y, content, size=12, anchor="start", colour="#333", weight="normal"):
        return (
            f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{escape(content)}</text>'
        )

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" role="img" aria-labelledby="title">',
        '<title id="title">How many times as fast as other implementations lobbywire decodes and encodes</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        text(16, 26, "lobbywire: times as fast as …", 16, weight="bold"),
        f'<rect x="{LABELS}" y="15" width="12" height="12" fill="{DECODE}"/>',
        text(LABELS + 18, 26, "decode"),
        f'<rect x="{LABELS + 90}" y="15" width="12" height="12" fill="{ENCODE}"/>',
        text(LABELS + 108, 26, "encode"),
        text(WIDTH - RIGHT, 26, "logarithmic scale, more is faster", 11, "end", "#777"),
    ]
    for exponent in range(math.floor(decades) + 1):
        x = LABELS + exponent * scale
        lines.append(
            f'<line x1="{x:.0f}" y1="{TOP - 18}" x2="{x:.0f}" y2="{height - 12}" stroke="#ddd" stroke-width="1"/>'
        )
        lines.append(text(x, TOP - 24, f"{10**exponent:,}×", 11, "middle", "#777"))
    for index, (work, peer, both) in enumerate(rows):
        y = TOP + index * ROW
        lines.append(text(16, y + 8, peer, 12, weight="bold"))
        lines.append(text(16, y + 23, work, 11, colour="#777"))
        for offset, factor, colour in ((-4, both[0], DECODE), (BAR - 2, both[1], ENCODE)):
            if factor is None:
                continue
            width = max(math.log10(factor) * scale, 1)
            lines.append(
                f'<rect x="{LABELS}" y="{y + offset}" width="{width:.0f}" height="{BAR}" fill="{colour}"/>'
            )
            lines.append(text(LABELS + width + 6, y + offset + 11, number(factor), 11))
    return "\n".join([*lines, "</svg>", ""])


def main():
    rows = list(figures())
    drawn = chart(rows)
    if "--check" in sys.argv[1:]:
        if not CHART.exists() or CHART.read_text() != drawn:
            sys.exit("docs/performance.svg does not show docs/performance.csv: run python3 ci/bench/chart.py")
        return
    CHART.write_text(drawn)
    print("| work | times as fast as | decode | encode |\n|---|---|---|---|")
    for work, peer, (decode, encode) in rows:
        print(f"| {work} | {peer} | {number(decode)} | {number(encode)} |")


main()
