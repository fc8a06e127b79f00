"""What folding compares of a text: an exact hash, a headline key and hashed word shingles.

Newsrooms change spelling, quotes, dates and small words, and keep the rest. So a text is read as its content words,
folded to one spelling, without figures, weekday and month names; each run of `SHINGLE` such words is hashed to 64 bits.
The two lowest bits of a shingle say what it is:

    BODY    a run of words
    LEAD    the same, from the first `LEAD_WORDS` content words: a copy keeps the lead, a follow-up does not
    FIGURE  one number ("12.5"): two market reports of one form differ in nothing else

Chinese, Japanese, Korean and Thai are read character by character. Furniture lines (newsletter banners, credits) are
left out; a short text on accounts or cookies that shares no word with its headline is a notice, and no text at all.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

import numpy as np
import numpy.typing as npt

from pipeline.folding import is_furniture, is_small, spelling
from pipeline.paragraphs import paragraph_keys
from pipeline.terms import terms
from pipeline.types import Article, Fingerprint

Hashes = npt.NDArray[np.uint64]

SHINGLE = 2  # content words in a shingle: about four words of running English
CHARACTERS = 6  # characters in a shingle where words are not spaced
LEAD_WORDS = 30  # content words of the lead: about the first two sentences
MIN_WORDS = 12  # fewer words than this are a headline, not a text
EXACT_WORDS = 20  # fewer words than this may be equal by chance: no exact hash
NOTICE_WORDS = 60  # a shorter text may be a paywall's or a consent notice
MAX_CHARACTERS = 200_000  # a longer text is compared by its beginning

BODY, LEAD, FIGURE = 0, 1, 2
ROLE_BITS = np.uint64(2)
_ROLE_MASK = np.uint64(3)

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_MARKS = ("“", "”", "–", "—", ". ", ", ", ".\n")  # no token goes across one
_SPACED = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) in "'.,")}
_UNSPACED = re.compile("[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_APOSTROPHES = (("’", "'"), ("‘", "'"), ("ʼ", "'"), ("´", "'"), ("\u00ad", ""), ("\u200b", ""))
_ACCENTS = re.compile("[\u0300-\u036f]+")
_LABEL = re.compile(
    r"^(?:exclusive|update(?:d)?(?: \d+)?|breaking|analysis|opinion|explainer|factbox|watch|live|video|photos?|"
    r"\d+(?:st|nd|rd|th)? (?:update|lead|ld)|wrapup(?: \d+)?|refile|correct(?:ed|ion))\s*[:|\-–—]+\s*"
)
_OUTLET = re.compile(r"\s+[|\-–—]\s+[^|–—]{2,40}$")

_NOTICE = frozenset(
    {"account", "subscribe", "subscriber", "subscribers", "subscription", "register", "login", "log", "sign", "cookies",
     "consent", "browser", "javascript", "unlimited", "paywall", "trial", "captcha"}
)  # fmt: skip
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
                         0xA0761D6478BD642F, 0xE7037ED1A0B428DB], dtype=np.uint64)  # fmt: skip

# A word's hash is remembered: a text is mostly words met before. Its two lowest bits hold its kind.
WORD, SMALL, NUMBER = 0, 1, 2
_MEMO_LIMIT = 50_000
_memo: dict[str, int] = {}
_older: dict[str, int] = {}  # what `_memo` held when it was full last: a word that is met again returns


def fingerprint(article: Article) -> Fingerprint:
    """What folding compares of an article: of its text, or of its summary when the text was not read.

    The result depends on nothing but headline, address, text and summary. About 0.3 ms for 500 words.
    """
    title = title_key(article.title)
    tokens, unspaced = _read(article.text or article.summary)
    if len(tokens) < (MIN_WORDS * 2 if unspaced else MIN_WORDS) or (not unspaced and _is_notice(title, tokens)):
        return Fingerprint(exact="", title_key=title, shingles=b"", terms=terms(article))
    hashes = look_up(tokens)
    kinds = hashes & _ROLE_MASK
    exact = hashlib.blake2b(hashes.tobytes(), digest_size=10).hexdigest() if len(tokens) >= EXACT_WORDS else ""
    if unspaced:
        body = ngrams(hashes, CHARACTERS)
        lead = LEAD_WORDS * 2
    else:
        body = ngrams(hashes[kinds == WORD], SHINGLE)
        lead = LEAD_WORDS
    shingles = _pack(body[:lead], body[lead:], _mix(hashes[kinds == NUMBER]))
    return Fingerprint(exact, title, shingles, paragraph_keys(article.text), terms(article))


def vocabulary(text: str) -> Hashes:
    """The runs of words of a text, sorted, as `unpack` gives those of a fingerprint."""
    tokens, unspaced = _read(text)
    hashes = look_up(tokens)
    if unspaced:
        runs = ngrams(hashes, CHARACTERS)
    else:
        runs = ngrams(hashes[hashes & _ROLE_MASK == WORD], SHINGLE)
    return np.unique(runs) >> ROLE_BITS


def title_key(title: str) -> str:
    """A headline as its words: folded, without a label in front ("Exclusive:") or the outlet's name behind."""
    text = _LABEL.sub("", plain(title).strip())
    shorter = _OUTLET.sub("", text)
    if len(shorter.split()) >= 4:
        text = shorter
    return " ".join(spelling(token) for token in _TOKEN.findall(text))


def unpack(shingles: bytes) -> tuple[Hashes, Hashes, Hashes]:
    """Lead, body (lead included) and figures of packed shingles, each sorted, without their role bits."""
    packed = np.frombuffer(shingles, dtype="<u8").astype(np.uint64, copy=False)
    roles = packed & _ROLE_MASK
    plain = packed >> ROLE_BITS
    return plain[roles == LEAD], plain[roles != FIGURE], plain[roles == FIGURE]


def plain(text: str) -> str:
    """Lower case, plain apostrophes, no accents. The length may change."""
    text = text.lower()
    if text.isascii():
        return text
    for old, new in _APOSTROPHES:
        text = text.replace(old, new)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def is_unspaced(text: str) -> bool:
    """Whether a text is written without spaces between words, judged by its beginning."""
    head = text[:2000]
    return not head.isascii() and len(_UNSPACED.findall(head)) > 0.3 * len(head)


def _read(text: str) -> tuple[list[str], bool]:
    """The words of a text without its furniture, and whether they are single characters."""
    lines = plain(text[:MAX_CHARACTERS]).split("\n")
    read = "\n".join(line for line in lines if not (len(line) < 200 and is_furniture(line)))
    if is_unspaced(read):
        return [c for c in read if c.isalnum()], True
    return _tokens(read), False


def _tokens(text: str) -> list[str]:
    """What `_TOKEN` finds, three times as fast in a text of plain letters: nearly all its words stand by themselves."""
    for mark in _MARKS:
        text = text.replace(mark, " ")
    if not text.isascii():
        return _TOKEN.findall(text)
    tokens: list[str] = []
    for word in text.translate(_SPACED).split():
        if word.isalpha():
            tokens.append(word)
        else:
            tokens += _TOKEN.findall(word)
    return tokens


def _is_notice(title: str, tokens: list[str]) -> bool:
    """Whether a short text speaks of accounts or cookies and shares no content word with its headline."""
    if len(tokens) >= NOTICE_WORDS or len(_NOTICE.intersection(tokens)) < 2:
        return False
    said = {word for word in title.split() if not is_small(word)}
    return said.isdisjoint(spelling(token) for token in tokens)


def look_up(tokens: list[str]) -> Hashes:
    """The hash of every word, as `plain` gives it, from the memory where possible; the two lowest bits are its kind."""
    known = _memo.get
    found = list(map(known, tokens))
    if None in found:
        found = [hashed or known(token) or _learn(token) for hashed, token in zip(found, tokens, strict=True)]
    return np.array(found, dtype=np.uint64)


def _learn(token: str) -> int:
    """Hash and kind of a word not met before."""
    global _memo, _older
    if len(_memo) >= _MEMO_LIMIT:
        _older, _memo = _memo, {}
    if token in _older:
        _memo[token] = _older[token]
        return _memo[token]
    if token[0].isdigit():
        folded, kind = token.replace(",", "").rstrip("."), NUMBER
    else:
        folded = spelling(token)
        kind = SMALL if is_small(folded) else WORD
    digest = hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    hashed = _memo[token] = int.from_bytes(digest, "little") & ~3 | kind
    return hashed


def ngrams(words: Hashes, size: int) -> Hashes:
    """Hash of every run of `size` words, in order of the text."""
    count = len(words) - size + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for i in range(size):
        total += words[i : i + count] * _MULTIPLIERS[i]
    return _mix(total)


def _mix(values: Hashes) -> Hashes:
    """Spread every bit over the word (the finaliser of MurmurHash3), so that low bits may be used for sampling."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _pack(lead: Hashes, body: Hashes, figures: Hashes) -> bytes:
    """Sorted and unique, the role in the lowest bits; a run found in lead and body counts as lead."""
    parts = ((lead, LEAD), (body, BODY), (figures, FIGURE))
    packed = np.concatenate([(values & ~_ROLE_MASK) | np.uint64(role) for values, role in parts])
    packed.sort()
    last = packed[:-1] | np.uint64(LEAD) != packed[1:] | np.uint64(LEAD)  # of body and lead, the lead stands last
    distinct: Hashes = packed[np.concatenate([last, np.ones(len(packed[-1:]), dtype=np.bool_)])]
    return distinct.astype("<u8").tobytes()
