"""Relevance to AI in defence: every rule of it, in one place.

Articles give signals (see taxonomy/signals.yaml and the `signals` of entities):

    both      says it alone: "autonomous weapons", "loyal wingman", Project Maven
    ai        AI, machine learning or autonomy; AI companies and models
    defence   armed forces, ministries of defence, weapons, intelligence, national security
    drone     uncrewed vehicles and defences against them, with no word of autonomy

`both`, or `ai` together with `defence`, makes an article relevant; how much depends on where they stand. Drones alone
stay below the half: whether a drone is autonomous is for the text to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAD = 60  # words after the headline that count as the lead
NEAR = 25  # words between an AI and a defence signal that speak of each other
FAR = 0.15  # both in the text, nowhere near each other


@dataclass(frozen=True, slots=True)
class Signal:
    """One mention that speaks for relevance."""

    at: int  # word number; the headline comes first
    words: str  # as printed


def relevance(signals: Mapping[str, Sequence[Signal]], title_words: int) -> tuple[float, tuple[str, ...]]:
    """Score from 0 to 1 and its reasons, strongest first. `signals` in order of the text, headline first."""
    both, ai, defence = (list(signals.get(name, ())) for name in ("both", "ai", "defence"))
    found: list[tuple[float, str]] = []
    for one in both:
        found.append((_place(one.at, title_words, (0.95, 0.8, 0.4)), f'"{one.words}" {_where(one.at, title_words)}'))
    if len(both) >= 2:
        found.append((0.6, f'"{both[0].words}" and {len(both) - 1} more of the kind in the text'))
    found += _pairs(ai, defence, title_words)
    drones = signals.get("drone", ())
    if drones:
        one = drones[0]
        found.append(
            (
                _place(one.at, title_words, (0.4, 0.3, 0.15)),
                f'"{one.words}" {_where(one.at, title_words)}, no word of AI',
            )
        )
    if not found:
        return 0.0, ()
    found.sort(key=lambda item: -item[0])
    best = found[0][0]
    if best >= 0.5:  # more of the same makes it surer
        best = min(1.0, best + 0.02 * min(5, len({why for score, why in found[1:] if score >= 0.5})))
    reasons = dict.fromkeys(why for _, why in found[:8])
    return round(best, 3), tuple(reasons)[:3]


def _pairs(ai: Sequence[Signal], defence: Sequence[Signal], title_words: int) -> list[tuple[float, str]]:
    """Every AI signal with the defence signal nearest to it."""
    pairs = []
    for one in ai:
        if not defence:
            break
        other = min(defence, key=lambda signal: abs(signal.at - one.at))
        first, last = sorted((one.at, other.at))
        words = f'"{one.words}" and "{other.words}"'
        if last < title_words:
            pairs.append((0.9, f"{words} in the headline"))
        elif first < title_words and last < title_words + LEAD:
            pairs.append((0.75, f"{words} in headline and lead"))
        elif last < title_words + LEAD and last - first <= NEAR:
            pairs.append((0.65, f"{words} in the lead"))
        elif last - first <= NEAR:
            pairs.append((0.4, f"{words} near each other"))
        else:
            pairs.append((FAR, f"{words} far from each other"))
    near = [pair for pair in pairs if pair[0] == 0.4]
    if len(near) >= 3:  # a theme of the text, though not of its lead
        pairs.append((0.55, f"AI and defence near each other {len(near)} times"))
    return pairs


def _place(at: int, title_words: int, scores: tuple[float, float, float]) -> float:
    headline, lead, body = scores
    return headline if at < title_words else lead if at < title_words + LEAD else body


def _where(at: int, title_words: int) -> str:
    return "in the headline" if at < title_words else "in the lead" if at < title_words + LEAD else "in the text"
