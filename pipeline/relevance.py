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

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

LEAD = 60  # words after the headline that count as the lead
NEAR = 25  # words between an AI and a defence signal that speak of each other
FAR = 0.15  # both in the text, nowhere near each other


class Signal(NamedTuple):
    """One mention that speaks for relevance."""

    at: int  # its first word; the headline's come first
    after: int  # the word after its last


_Reason = tuple[str, tuple[Signal, ...]]  # "{} and {} in the headline" and what stands in its gaps
_Said = tuple[float, _Reason]


def relevance(
    signals: Mapping[str, Sequence[Signal]], title_words: int, printed: Callable[[int, int], str]
) -> tuple[float, tuple[str, ...]]:
    """Score from 0 to 1 and its reasons, strongest first. `signals` in order of the text, headline first.

    `printed` gives the words from one to before another, for the reasons.
    """
    both, ai, defence = (signals.get(name, ()) for name in ("both", "ai", "defence"))
    found: list[_Said] = []
    for one in both:
        found.append((_place(one.at, title_words, (0.95, 0.8, 0.4)), (f"{{}} {_where(one.at, title_words)}", (one,))))
    if len(both) >= 2:
        found.append((0.6, (f"{{}} and {len(both) - 1} more of the kind in the text", (both[0],))))
    found += _pairs(ai, defence, title_words)
    for one in signals.get("drone", ())[:1]:
        words = f"{{}} {_where(one.at, title_words)}, no word of AI"
        found.append((_place(one.at, title_words, (0.4, 0.3, 0.15)), (words, (one,))))
    if not found:
        return 0.0, ()

    def worded(reason: _Reason) -> str:
        return reason[0].format(*(f'"{printed(one.at, one.after)}"' for one in reason[1]))

    found.sort(key=lambda item: -item[0])
    best = found[0][0]
    if best >= 0.5:  # more of the same makes it surer
        best = min(1.0, best + 0.02 * min(5, len({worded(why) for score, why in found[1:] if score >= 0.5})))
    reasons = dict.fromkeys(worded(why) for _, why in found[:8])
    return round(best, 3), tuple(reasons)[:3]


def _pairs(ai: Sequence[Signal], defence: Sequence[Signal], title_words: int) -> list[_Said]:
    """Every AI signal with the defence signal nearest to it."""
    pairs: list[_Said] = []
    places = [signal.at for signal in defence]
    for one in ai if defence else ():
        after = bisect_left(places, one.at)
        other = min(defence[max(after - 1, 0) : after + 1], key=lambda signal: abs(signal.at - one.at))
        first, last = sorted((one.at, other.at))
        if last < title_words:
            score, where = 0.9, "in the headline"
        elif first < title_words and last < title_words + LEAD:
            score, where = 0.75, "in headline and lead"
        elif last < title_words + LEAD and last - first <= NEAR:
            score, where = 0.65, "in the lead"
        elif last - first <= NEAR:
            score, where = 0.4, "near each other"
        else:
            score, where = FAR, "far from each other"
        pairs.append((score, (f"{{}} and {{}} {where}", (one, other))))
    near = sum(pair[0] == 0.4 for pair in pairs)
    if near >= 3:  # a theme of the text, though not of its lead
        pairs.append((0.55, (f"AI and defence near each other {near} times", ())))
    return pairs


def _place(at: int, title_words: int, scores: tuple[float, float, float]) -> float:
    headline, lead, body = scores
    return headline if at < title_words else lead if at < title_words + LEAD else body


def _where(at: int, title_words: int) -> str:
    return "in the headline" if at < title_words else "in the lead" if at < title_words + LEAD else "in the text"
