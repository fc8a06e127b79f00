"""Lines that say whose copy a text is: "REUTERS", "(dpa/mbe)", "© 2026 Reuters", "(Reporting by A; Editing by B)".

Strong lines name the agency the text comes from; weak ones ("With inputs from PTI", "AP contributed to this report")
only say that an outlet used one, and set no agency. A picture's credit says nothing of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from pipeline.agencies import agencies
from pipeline.byline import people
from pipeline.dateline import introduces

LONGEST_NAMES, LONGEST_NOTE, LONGEST_DESK = 80, 400, 600  # characters


@dataclass(frozen=True, slots=True)
class Sign:
    """What a line says: `wire` by `how`; no wire and how "weak" when an agency only helped, "end" for end marks."""

    wire: str
    how: str


# "(END)", "___", and the initials under a credit: "avd/bln".
_END = re.compile(
    r"\W*(?:END|ENDS|-30-|###)\W*|[_*#\s.•-]+|"
    r"[a-z]{2,4}(?:\s*/\s*[a-z]{2,4})+(?:/\d*)?|[A-Z]{2,4}(?:\s*//\s*[A-Z]{2,4})+\W*"
)

_PICTURE_WORDS = (
    r"photo(?:graph|graphie)?s?|pictures?|images?|pics?|illustration|graphics?|video|caption|fotos?|fotograf\w*|"
    r"bild(?:er|quelle)?|fot\.|zdjęcie|kuva|foto(?:ğraf|grafía|grafia)|billede|bilde|fénykép|фото|写真|写真提供|사진|图片|圖|صورة|"
    r"φωτογραφία|imagen|imagem|immagine"
)
_PICTURE = re.compile(
    rf"^\W*(?:file |stock |archiv)?(?:{_PICTURE_WORDS})(?!\w)(?:\s*credits?|\s*courtesy)?\s*(?:by\b|[:/|©=–-]|$)|"
    r"\b(?:AP|AFP|Reuters|PTI|ANI|Bloomberg|EPA|Kyodo|Xinhua)\s+(?i:photos?|images?|file)\b|"
    r"(?i:\bfile photo\b|getty images|picture[- ]alliance|shutterstock|handout)|"
    r"^\W*\[[^\[\]=]{2,30}=[^\[\]]{2,30}\]\W*$",  # "[로이터=연합뉴스]"
)
_SHOT = re.compile(  # "REUTERS/Ana Vidal", "© AFP 2026 / Ana Vidal"
    r"^\W*(?:©\s*|\(c\)\s*)?[A-Z][\w ]{1,25}?(?:\s+\d{4})?\s*/\s*[A-ZÀ-Þ][\w.’'-]*\s+[A-ZÀ-Þ][\w.’'-]+(?:\s*/.*)?\W*$"
)
_PICTURE_LABEL = re.compile(
    rf"^\W*(?:file |stock |archiv)?(?:{_PICTURE_WORDS})(?!\w)(?:\s*credits?|\s*courtesy)?\s*(?:by\b|[:/|©=–-])", re.I
)

# Reuters signs "Reporting by A; Writing by B; Editing by C", and nobody else does; its services in other languages too.
_NAME = r"[\s:]+[A-ZÀ-ÞА-Я][^()]{2,400}"
_DESKS = tuple(
    re.compile(rf"^\W*(?:{first}){_NAME}?[\s;,]+(?:{then})\s+[A-ZÀ-Þ][^()]{{2,200}}\W*$", re.S)
    for first, then in (
        (
            r"(?:[Aa]dditional |[Ff]urther )?[Rr]eporting(?: and [Ww]riting)? by|[Ww]riting by|[Cc]ompiled by",
            r"(?<!\. )[Ee]diting by",  # others sign "Reporting by A. Editing by B."
        ),
        (
            r"[Rr]édigé par|[Rr]eportage(?: de| par)?|[Vv]ersion française(?: de| par)?|[Tt]raduit par",
            r"édit(?:é|ion) (?:par|de)",
        ),
        (
            r"[Rr]eporte de|[Rr]eportes? de|[Ii]nformación de|[Tt]raducido por|(?<=\()[Pp]or",
            r"[Ee]dita(?:do|da)(?: en español)? por|[Ee]dición(?: en español)? de",
        ),
        (r"[Rr]eportagem(?: de| por)|(?<=\()[Pp]or|[Tt]radução(?: de| por)?", r"[Ee]dição(?: de| por)"),
        (r"[Tt]radotto da|[Rr]eporting di|[Ss]critto da", r"[Ee]diting(?: di)?"),
        (r"[Bb]ericht(?:et)? von|[Gg]eschrieben von|[Vv]on", r"[Rr]edigiert von"),
    )
)
_REPORTED = re.compile(
    r"^\W*(?:additional |further )?(?:reporting|writing|compiled|written|report|editing)\s+by\s+[A-Z]", re.I
)
_FOR = re.compile(r"\b(?:for|of)\s+(?:the\s+)?([A-Z][\w. -]{2,30})")

_SOURCE = re.compile(
    r"^\W*(?:(?:(?:news )?sources?|credits?|quellen?|fuente|fonte|źródło|zdroj|kilde|källa|bron|lähde|forrás|kaynak|"
    r"sumber|sursa|izvor|источник|джерело|източник|πηγή|المصدر|来源|來源|稿源|出典|출처|स्रोत|agency|agence|agencia|"
    r"story|text|texte|texto|testo|report|words)\s*[:：]|(?:via|from)\s)\s*(?P<who>.{2,60})$",
    re.I,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s©]*(?:copyright\s*)?(?:\d{4}(?:[-–]\d{2,4})?,?\s*)?(?:by\s+|the\s+|\(주\)\s*)?"
    r"(?P<who>[^,;:|\d]{2,45})",
    re.I,
)
_WHO_ENDS = re.compile(r"\.\s+|\s[-–—]\s|\s+(?:all rights|alle rechte|tous droits|todos los)\b", re.I)
_DISTRIBUTED = re.compile(r"\b(?:distributed|provided|syndicated|supplied) by (?:the )?(?P<who>[^.;:]{2,45})", re.I)
# What surrounds a name in lines that say the whole text came from an agency. "First reported by Reuters" is none: it
# honours a scoop and copies nothing.
_WHO = r"(?:an?\s+|the\s+)?(?P<who>[^.;:]{2,40}?)(?:\s+\((?P<mark>\w+)\))?"
_NOTES = tuple(
    re.compile(p, re.I)
    for p in (
        rf"\b(?:originally|first) (?:published|appeared)\s+(?:by|on|at|in|via)\s+{_WHO}(?:[.;:)]|$)",
        rf"\b(?:republished|reprinted|reproduced)\s+(?:\w+\s+){{0,3}}(?:from|by)\s+{_WHO}(?:[.;:)]|$)",
        rf"\bby {_WHO} and (?:is|was|has been) (?:re)?published\b",
        r"^\W*this (?:report|story|article|content) (?:by|from|was (?:produced|written|provided|generated) by) "
        rf"{_WHO}(?:\s+(?:was|is|has|and)\b|[.)]|$)",
        r"\b(?:syndicated|agency|news|wire|automated|rss|unedited)\s+(?:\w+\s+){0,2}feed\W+"
        rf"(?:(?:by|from|of|source\s*:|via)\s*)?{_WHO}(?:[.;:)]|$)",
        rf"\b(?:from|of|via|by)\s+{_WHO}(?:['’]s)?\s+(?:news\s+)?(?:feed|newswire|wire service)\b",
        r"\b(?:dieser|der|diese|die) (?:text|artikel|beitrag|meldung|nachricht)\b.*\b(?:nachrichten)?agentur(?:en)?\s+"
        rf"{_WHO}\s+(?:übernommen|erstellt|verfasst|veröffentlicht|bereitgestellt)",
        rf"\bcontenu (?:fourni|produit|publié) par (?:l['’])?{_WHO}(?:[.;:)]|$)",
        rf"\b(?:cette dépêche|cet article) a été (?:publié|rédigé)e? par (?:l['’])?{_WHO}(?:[.;:)]|$)",
    )
)
# Standing lines under an agency's own copy.
_STANDING = (
    (re.compile(r"thomson reuters trust principles", re.I), "Reuters"),
    (re.compile(r"\bAP is solely responsible for (?:all|this) content\b"), "AP"),
    (re.compile(r"^\W*(?:more )?AP (?:coverage|[\w ]{2,30}): ?(?:https?://)?(?:www\.)?apnews\.com"), "AP"),
    (re.compile(r"^\W*(?:follow|find) (?:the )?AP['’]s coverage\b.*apnews\.com", re.I), "AP"),
    (re.compile(r"\bmore stories like this are available on bloomberg\.com", re.I), "Bloomberg"),
)
_CONTACT = re.compile(
    r"\b(?:to contact the (?:reporter|author|editor)|reach the reporter)s?\b.*?(?P<mail>[\w.+-]+@[\w.-]+\w)", re.I
)
_MAIL = re.compile(r"\W*(?P<mail>[\w.+-]+@[\w.-]+\w)\W*|\(\(?(?P<inner>[\w.+-]+@[\w.-]+\w).*\)")

# Lines that only own up to help. All but the last two must also name an agency, or agencies at large.
_GENERIC = (
    r"(?:news\s+|wire\s+)?agenc(?:y|ies)|wires?|wire (?:services|reports)|agentur(?:en|material|meldungen)?|agences?|"
    r"agencias?|agenzie|agências?|agentschappen"
)
_HELPED = re.compile(
    r"^\W*(?:some\s+)?(?:with|additional|further|includes?|including|using|material|information)\b.*"
    r"\b(?:inputs?|reporting|materials?|files?|information|reports?|contributions?|assistance|from)\b|"
    r"\bcontributed (?:reporting )?to th(?:is|e) (?:report|story|article|piece)\W*$|\bcontributed\W*$|"
    r"\b(?:information|material)s? (?:for|in) this (?:report|story|article)\b.*\bfrom\b|"
    r"\b(?:this|the) (?:report|story|article) (?:includes|contains|uses)\b|"
    r"\b(?:mit|unter verwendung von|enthält)\s+(?:\w+\s+)?(?:material|informationen|inhalten?)\b|"
    r"^\W*(?:con|com) (?:informaci[oó]n|informaç(?:ão|ões)|datos|dados|material)\s|"
    r"^\W*(?:with|avec|d['’]après|selon|con|con informazioni|по материалам|z|med|met|mit)\s.{2,40}$",
    re.I,
)
_AT_LARGE = re.compile(rf"\b(?:{_GENERIC})\b", re.I)
_ALONE = re.compile(
    r"^\W*+(?:(?:[\w’'.-]++\W++){0,5}(?:with|from|by|mit|avec|con|com|med|met|and|und|et)\s+)?"
    rf"(?:{_GENERIC})(?:\s+inputs?)?\W*$|"
    r"\b(?:auto-?generated|published|generated)\b.{0,40}\b(?:from|by)\b.{0,40}\bfeed\b",
    re.I,
)
_HOUSE_WITH = re.compile(r"^\W*[\w’'. -]{2,40}?\s(?:with|and|avec|mit|und|con|com|med|met)\s(?P<who>[\w -]{2,30})\W*$")


def sign(line: str) -> Sign | None:
    """What a line says of the text's origin when it says nothing else; None when it is text or a picture's credit."""
    known = agencies()
    line = line if line.isascii() else normalize("NFKC", line.replace("ⓒ", "©"))
    length = len(line)
    if length > LONGEST_DESK:
        return None
    if _END.fullmatch(line) and not known.first(line):
        return Sign("", "end")
    if found := _desk(line):
        return found
    if length > LONGEST_NOTE or is_picture(line):
        return None
    for pattern, name in _STANDING:
        if pattern.search(line):
            return Sign(name, "standing line")
    if (mail := _CONTACT.search(line) or _MAIL.fullmatch(line)) and (
        name := known.at(next(filter(None, mail.groups())))
    ):
        return Sign(name, "contact")
    if (match := _COPYRIGHT.search(line[:80])) and length < 260:
        if name := known.named(_WHO_ENDS.split(match["who"])[0]):
            return Sign(name, "copyright")
        if (passed := _DISTRIBUTED.search(line)) and (name := known.named(passed["who"].split(" (")[0])):
            return Sign(name, "copyright")
    if length <= LONGEST_NAMES:
        match = _SOURCE.match(line.strip(" ()[]*"))
        if name := known.first(match["who"] if match else line):
            return Sign(name, "credit")
    for pattern in _NOTES:
        if (match := pattern.search(line)) and (name := known.named(match["who"].strip()) or known.first(match["who"])):
            return Sign(name, "note")
    return _weak(line)


def is_picture(line: str) -> bool:
    """Whether a line credits a picture: "Photo: AP", "REUTERS/Ana Vidal", "AP Photo/Ana Vidal"."""
    if len(line) >= 160:
        return False
    if _PICTURE.search(line) or _PICTURE_LABEL.match(line):
        return True
    return _SHOT.match(line) is not None and not agencies().first(line)  # "AFP/Kyodo News" are two agencies


def _desk(line: str) -> Sign | None:
    if any(pattern.match(line) for pattern in _DESKS):
        return Sign(
            next((n for m in _FOR.finditer(line) if (n := agencies().named(m[1]))), "") or _house(line), "desk line"
        )
    if len(line) < 200 and _REPORTED.match(line) and not re.search(r"\b(?:was|were|is|has|had|that)\b", line):
        name = next((n for m in _FOR.finditer(line) if (n := agencies().named(m[1]))), "")
        return Sign(name, "desk line" if name else "weak")
    return None


def _house(line: str) -> str:
    """Reuters, unless the line says for whom it was written."""
    return "" if _FOR.search(line) else "Reuters"


def _weak(line: str) -> Sign | None:
    if len(line) > 200:  # before the patterns, some of which are slow on what is no line
        return None
    known = agencies()
    helped = _HELPED.search(line) and (known.mentioned(line) or _AT_LARGE.search(line))
    house = _HOUSE_WITH.match(line)
    if helped or _ALONE.search(line) or (house and known.named(house["who"])):
        return Sign("", "weak")
    return None


# Where a sentence ends and a credit may begin, and signs that set a credit off.
_BREAK = re.compile(
    r"[’'](?=\s)|[.!?…。！？।”\"»)\]」』】](?=\s|[-–—―(\[（【/■]|[A-ZА-Я©])|\s[-–—―■]+(?=\s*\w)|(?<=\S)\s(?=\()"
)


def closing(paragraph: str) -> tuple[str, Sign, str] | None:
    """(mark, what it says, the paragraph without it) for a credit at the end: "… here.” REUTERS", "… said. – AFP"."""
    offset = max(0, len(paragraph) - LONGEST_NOTE)
    tail = paragraph[offset:]
    for match in _BREAK.finditer(tail):
        at = match.end() if match.group().strip(" -–—―■") else match.start()
        mark = tail[at:].strip()
        if len(mark) < 2 or (len(mark) > 90 and not mark.startswith("(")):
            continue
        rest = tail[:at].rstrip(" -–—―■")
        if match.group() == " " and (mark.endswith(".") or introduces(rest[-60:], mark.strip("()"))):
            continue  # "… joined the Communist Party (CP)."
        if (found := sign(mark)) and found.how != "end" and not (found.how == "weak" and mark[0] not in "(["):
            return mark.strip(" \t()[]（）【】-–—―■/"), found, paragraph[: offset + at].rstrip()
    return None


_BY = re.compile(
    r"^\W*(?:by|von|par|por|di|door|av|af|oleh|reporter\s*:|story by|written by|report by|автор)\b[\s:]", re.I
)
_CLOCK = re.compile(
    r"[|•·,–-]?\s*(?:(?:last\s+)?(?:updated?|published|posted|modified|created)\b.*|"
    r"\d{1,2}[:.]\d{2}.*|(?:\w+\s+){0,2}\d{1,2},?\s+(?:\w+\s+)?\d{4}.*)$",
    re.I,
)


def heading(line: str) -> tuple[str, tuple[str, ...], str] | None:
    """(agency, people, credit) of a line above the text that names an agency: "By Ana Vidal, Reuters"."""
    known = agencies()
    line = line.strip()
    if not 2 <= len(line) <= 120 or is_picture(line):
        return None
    if match := _BY.match(line):
        names, credit = people([re.sub(r"\s*/\s*", ", ", line)])
        if name := known.named(credit):
            return name, names, credit
        return _spoken_for(line[match.end() :])
    bare = _CLOCK.sub("", line).strip()
    if re.fullmatch(r"[^()]+ [^()]+ \([^()]+\)\W*", bare):
        return None  # "President Ana Vidal (AP)" above a text is a caption
    if match := _SOURCE.match(bare):
        name = known.first(match["who"])
        return (name, (), bare) if name else None
    return (name, (), bare) if bare and len(bare) <= LONGEST_NAMES and (name := known.first(bare)) else None


def _spoken_for(text: str) -> tuple[str, tuple[str, ...], str] | None:
    """ "ANA VIDAL and BO LIND Associated Press": AP sets its name behind the last person's, without a comma."""
    words = text.split()
    for size in (3, 2, 1):
        credit = " ".join(words[-size:])
        # One word alone may be a surname ("Michael Bloomberg"); a mark in capitals among mixed case is none.
        plain = size > 1 or (credit.isupper() and not text.isupper())
        if len(words) > size and plain and (name := agencies().named(credit)):
            names, _ = people([" ".join(words[:-size])])
            return (name, names, credit) if names else None
    return None
