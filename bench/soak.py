"""`./run bench soak`: production at the highest steady rate for half an hour; memory and queues, as a picture.

The outlets hold more pages than can be read in that time, so back-pressure alone sets the rate. Writes docs/soak.svg.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Sequence

from bench.house import told
from bench.production import house, running
from bench.sampling import Sample, watching
from tests.integration.stack import made_outlets
from tests.shared import ROOT
from wirewatch import bootstrap
from workers.queues import Queues, make_app

WIDE, HIGH, GAP = 860, 220, 60  # of a chart and between two, in pixels
COLOURS = ("#1f6f8b", "#c1440e", "#6a994e", "#7b2d8b", "#b08900", "#444444", "#d1495b", "#2a9d8f")


def main() -> None:
    """Parse options, run, print, draw."""
    parser = argparse.ArgumentParser(prog="bench soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--pages", type=int, default=200_000, help="pages that the outlets hold")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with made_outlets(options.pages, 100) as port, house() as there, running(there, port, options.workers, 2000) as one:
        queues = Queues(make_app(there.redis_url), there.redis_url)
        with contextlib.closing(bootstrap.open_the_records(one.settings)) as records:

            def numbers() -> dict[str, float]:
                depths, sizes = queues.depths(), records.sizes()
                to_read, to_file = depths["read"] + depths["held"], depths["file"]
                return {"to read": to_read, "to file": to_file, "spool": sizes.spooled, "filed": sizes.last_change}

            services = one.start()
            one.reach(1)
            pids = there.pids | {service.name: service.popen.pid for service in services}
            with watching(pids, numbers, every=5.0) as watch:
                time.sleep(options.minutes * 60)
            ended = [service.name for service in services if service.popen.poll() is not None]
    report(watch.samples, ended)
    (ROOT / "docs" / "soak.svg").write_text(picture(watch.samples), encoding="utf8")


def report(samples: Sequence[Sample], ended: list[str]) -> None:
    """Rate, and each series by quarter: flat, or growing?"""
    first, last = samples[0], samples[-1]
    rate = (last.values["filed"] - first.values["filed"]) / (last.at - first.at)
    print(f"{last.at / 60:.0f} minutes, {rate:.1f} stories/s; services that ended: {', '.join(ended) or 'none'}")
    rows = [("", "  ".join(f"{name:>9}" for name in ("quarter 1", "2", "3", "4")))]
    for name in sorted(last.values):
        if name == "filed":
            continue
        scale = 1e6 if name.startswith("memory") else 1
        rows.append((name + (" MB" if scale > 1 else ""), "  ".join(f"{v / scale:9.0f}" for v in means(samples, name))))
    told(rows)


def means(samples: Sequence[Sample], name: str) -> list[float]:
    """The mean of each quarter of the time."""
    values = [sample.values.get(name, 0.0) for sample in samples]
    cut = [values[len(values) * n // 4 : max(1, len(values) * (n + 1) // 4)] for n in range(4)]
    return [sum(part) / len(part) for part in cut]


def picture(samples: Sequence[Sample]) -> str:
    """An SVG of two charts over time: memory by service, and what waits."""
    names = sorted(samples[-1].values)
    memory = [name for name in names if name.startswith("memory")]
    waiting = [name for name in names if not name.startswith("memory") and name != "filed"]
    charts = [
        chart(samples, memory, "Memory of each service, MB", 1e6, 40),
        chart(samples, waiting, "Pages that wait", 1, 40 + HIGH + GAP),
    ]
    size = f'width="{WIDE + 260}" height="{2 * (HIGH + GAP) + 40}"'
    style = "font: 13px sans-serif; background: white"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}">\n' + "\n".join(charts) + "\n</svg>\n"


def chart(samples: Sequence[Sample], names: Sequence[str], title: str, scale: float, top: int) -> str:
    """Lines over minutes, with a legend to the right."""
    most = max((sample.values.get(name, 0.0) / scale for sample in samples for name in names), default=1.0) or 1.0
    end = samples[-1].at or 1.0
    parts = [f'<text x="60" y="{top - 12}" font-weight="bold">{title}</text>']
    for share in (0.0, 0.5, 1.0):
        y = top + HIGH * (1 - share)
        parts.append(f'<line x1="60" x2="{60 + WIDE}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="52" y="{y + 4:.0f}" text-anchor="end">{most * share:.0f}</text>')
    for minute in range(0, int(end // 60) + 1, max(1, int(end // 360))):
        x = 60 + WIDE * minute * 60 / end
        parts.append(f'<text x="{x:.0f}" y="{top + HIGH + 18}" text-anchor="middle">{minute} min</text>')
    for number, name in enumerate(names):
        points = " ".join(
            f"{60 + WIDE * s.at / end:.1f},{top + HIGH * (1 - s.values.get(name, 0.0) / scale / most):.1f}"
            for s in samples
        )
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{WIDE + 75}" y="{top + 16 * number + 12}" fill="{colour}">{name}</text>')
    return "\n".join(parts)
