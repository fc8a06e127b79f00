"""Folding of words for comparison: one spelling, small words, and lines that are an outlet's furniture."""

from __future__ import annotations

import re

# British and American spelling by rule. Only consistency counts, not that the result is a word.
_RULES: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (letters, re.compile(pattern), new)
    for letters, pattern, new in (  # a word without these letters need not be looked at more closely
        ("our", r"(?<=\w{3})our(?=(?:s|ed|ing|er|ers|able|al|ful|ite|ites|less|hood|ly|ist|ists)?$)", "or"),
        ("is", r"(?<=\w{3})is(?=(?:e|ed|es|er|ers|ing|ation|ations|ational|ationally)$)", "iz"),
        ("ys", r"(?<=\w{2})ys(?=(?:e|ed|es|er|ers|ing)$)", "yz"),
        ("tre", r"(?<=\w{2})tre(?=(?:s|d)?$)", "ter"),
        ("ence", r"(?<=def|off|lic|ret)ence(?=(?:s|d|less)?$)", "ense"),
        ("ogue", r"(?<=\w{3})ogue(?=s?$)", "og"),
        ("ll", r"(?<=\w{2})ll(?=(?:ed|ing|er|ers|ation|ful|ment)$)", "l"),
        ("ae", r"(?<=\w)ae(?=\w{3})", "e"),
        ("wards", r"(?<=\w{2})wards$", "ward"),
        ("gement", r"(?<=\w{3})gement(?=s?$)", "gment"),
    )
)
_SPELLINGS = {
    "programme": "program", "programmes": "programs", "grey": "gray", "tyre": "tire", "tyres": "tires",
    "aluminium": "aluminum", "cheque": "check", "sceptic": "skeptic", "sceptical": "skeptical", "plough": "plow",
    "manoeuvre": "maneuver", "manoeuvres": "maneuvers", "manoeuvring": "maneuvering", "aeroplane": "airplane",
    "ageing": "aging", "kerb": "curb", "draught": "draft", "mould": "mold", "storey": "story", "whilst": "while",
    "amongst": "among", "artefact": "artifact", "artefacts": "artifacts", "metre": "meter", "metres": "meters",
}  # fmt: skip

# Words that say little and that editors change first: function words, verbs of saying, dates, units of style.
_SMALL_WORDS = """
a an the and or but nor so yet if then than that which who whom whose what when where why how this these those there
here of in on at by for to from with without within into onto upon over under about above below between among against
during before after since until while as because though although however also too very more most much many some any
each every all both few several other another such same own only just even still again ever never not no nor i you he
she it we they me him her us them my your his its our their mine yours hers ours theirs himself herself itself
themselves is are was were be been being am do does did done doing have has had having will would shall should can
could may might must isnt arent wasnt werent dont doesnt didnt havent hasnt hadnt wont wouldnt cant cannot couldnt
shouldnt theyre youre im ive weve theyve say says said saying told tell tells telling added adding according stated
states reporters reported reportedly up down out off away back per cent percent pct first last next around roughly
prior following addition mr mrs ms dr sir one two monday tuesday wednesday thursday friday saturday sunday mon tue
tues wed thu thur thurs fri sat sun january february march april may june july august september october november
december jan feb mar apr jun jul aug sep sept oct nov dec today yesterday tomorrow reuters ap afp dpa bloomberg
"""
_SMALL = frozenset(_SMALL_WORDS.split())

_FURNITURE = re.compile(
    r"^\W*(?:sign up\b|subscribe\b|read more\b|read also\b|also read\b|related(?: stories| articles)?\s*:?\s*$|"
    r"advertisement\b|"
    r"(?:share|save|print|email|listen to|watch) (?:this|the)\b|listen to\b.{0,30}$|follow us\b|follow \w+ on\b|"
    r"this (?:story|article) (?:has been|was|is)\b|(?:file )?photos?\s*:|image\s*:|picture\s*:|getty images|"
    r"(?:reporting|writing|editing|additional reporting|compiled) by\b|our standards\b|"
    r"\(?(?:reuters|ap|afp|dpa|bloomberg|associated press|agence france-presse)\)?\W*$|"
    r"click here\b|download (?:our|the) app|get (?:our|the) .{0,40}(?:newsletter|inbox|app)|"
    r"all rights reserved|copyright\b|©|\d+ min(?:ute)? read|the post .{0,120} appeared first on|"
    r"(?:more|most) (?:stories|read|on this)\b|join (?:our|us)\b|support our\b|continue reading\b|skip to\b|"
    r"newsletter\b|follow the latest\b|recommended\b.{0,20}$|trending\b.{0,20}$|comments?\W*$|tags?\s*:)"
)


def spelling(word: str) -> str:
    """A lower-case word in one spelling: American where the two differ by rule, without apostrophes and "'s"."""
    word = word.removesuffix("'s").replace("'", "") if "'" in word else word
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if len(word) > 4 and word.isascii():
        for letters, pattern, new in _RULES:
            if letters in word:
                word, changed = pattern.subn(new, word)
                if changed:
                    break
    return word


def is_small(word: str) -> bool:
    """Whether a word (lower case) says too little to tell texts apart."""
    return word in _SMALL or len(word) == 1


def is_furniture(line: str) -> bool:
    """Whether a line (lower case, one paragraph) is the outlet's furniture and no part of the story."""
    return bool(_FURNITURE.match(line))
