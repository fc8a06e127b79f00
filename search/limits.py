"""How large a query may be, whatever form it comes in: typed, as JSON, or put together from saved queries."""

from __future__ import annotations

from pipeline.errors import BadQuery
from search.ast import And, Is, Near, Node, Not, Or, Phrase, Prefix, leaves
from search.sought import sought

MAX_LENGTH = 10_000  # characters typed
MAX_DEPTH = 50  # parentheses and negations within each other
MAX_CLAUSES = 500  # words, phrases and values
MAX_PREFIXES = 50
MAX_TEXT = 2_000  # characters of one word, phrase or value
MAX_STEPS = 100  # terms of one phrase
MAX_NEAR_STEPS = 20  # terms of a loose phrase, or of both sides of a NEAR
MAX_BETWEEN = 30  # other words between those of a NEAR or of a loose phrase
MAX_ARRANGEMENTS = 500  # ways in which the words of all NEARs and loose phrases may stand

TOO_MANY = ("too many words", f"a query has at most {MAX_CLAUSES} words, phrases and values")
TOO_MANY_PREFIXES = ("too many prefixes", f"a query has at most {MAX_PREFIXES}")
TOO_LONG = ("too long", f"a word, phrase or value has at most {MAX_TEXT} characters")
TOO_DEEP = ("too deep", f"at most {MAX_DEPTH} parentheses and negations within each other")
TOO_SPREAD = (
    "the words may stand in too many ways",
    "allow fewer words in between, or ask for fewer words or alternatives",
)


def too_open(told: str) -> BadQuery | None:
    """The error for what an engine says when one character begins more words than it tries; None for anything else."""
    if "max expansions" not in told and "maxClauseCount" not in told:
        return None
    what = "a single character that begins too many words stands beside others"
    return BadQuery(f"{what} at 1: put the next character behind it", column=1)


def check(node: Node, column: int = 1) -> None:
    """Raise BadQuery, at `column`, when a whole query is beyond what the parser lets pass of a typed one."""
    found = list(leaves(node))
    spread = [leaf for leaf in found if isinstance(leaf, Near) or (isinstance(leaf, Phrase) and leaf.slop)]
    prefixes = sum(isinstance(leaf, Prefix) or (isinstance(leaf, Is) and leaf.prefix) for leaf in found)
    for amount, most, wrong in (
        (clauses(node), MAX_CLAUSES, TOO_MANY),
        (prefixes, MAX_PREFIXES, TOO_MANY_PREFIXES),
        (depth(node), MAX_DEPTH, TOO_DEEP),
        (sum(sought(leaf).cost for leaf in spread), MAX_ARRANGEMENTS, TOO_SPREAD),
    ):
        if amount > most:
            raise BadQuery(f"{wrong[0]} at {column}: {wrong[1]}", column=column)


def clauses(node: Node) -> int:
    """Words, phrases and values; a NEAR has two."""
    return sum(2 if isinstance(leaf, Near) else 1 for leaf in leaves(node))


def depth(node: Node) -> int:
    """The parentheses and negations within each other that writing it takes."""
    match node:
        case And(parts):
            return max(depth(part) + isinstance(part, Or) for part in parts)
        case Or(parts):
            return max(map(depth, parts))
        case Not(part):
            return 1 + isinstance(part, And | Or | Near) + depth(part)
        case Near(left):
            return int(bool(left.field))
        case _:
            return 0
