"""What the documentation's site has besides docs/*.md; a hook of MkDocs (mkdocs.yml).

The README is its first page, deploy/README.md, CONTRIBUTING.md and CHANGELOG.md are pages of it, the API's reference is
made from the application (docs/reference.py), and the examples of docs/query.md open in the reader's own Wirewatch.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from urllib.parse import quote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = {  # page of the site: its source in the repository
    "index.md": "README.md",
    "deploy.md": "deploy/README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changes.md": "CHANGELOG.md",
}
_PAGES = {source: page for page, source in ELSEWHERE.items()}
_NAMED = re.compile(r"\[((?:\.\./)?(?:[\w/-]+)\.md)\]\(([^)\s]+)\)")
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_CODE = re.compile(r"(?<!\[)`([^`]+)`")
_DEPENDS = re.compile(r"\b(19|20)\d\d\b|\b(?:search|changed):|\.\.P")
REFUSED = "## When a query is refused"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages whose sources lie elsewhere, and the reference."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        from reference import reference
    finally:
        sys.path.pop(0)
    for page, source in ELSEWHERE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    files.append(File.generated(config, "reference.md", content=reference()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as they are in the site; examples as links."""
    name = page.file.src_uri
    if name == "query.md":
        markdown = linked(markdown, config.extra["wirewatch"])
    source = ELSEWHERE.get(name, f"docs/{name}")
    markdown = _NAMED.sub(lambda found: f"[{_title(found[1], config)}]({found[2]})", markdown)
    return _LINK.sub(lambda found: found[1] + _target(found[2], source) + found[3], markdown)


def _title(path: str, config: MkDocsConfig) -> str:
    """What the menu calls the page of that file; as it stands, "query.md" says little to who does not see files."""
    page = _PAGES.get(path, posixpath.basename(path))
    flat = [
        one
        for part in config.nav or ()
        for told in part.values()
        for one in (told if isinstance(told, list) else [part])
    ]
    return next((title for part in flat for title, file in part.items() if file == page), path)


def _target(link: str, source: str) -> str:
    """Where a link of that file of the repository leads in the site."""
    if "://" in link or link.startswith(("#", "mailto:")):
        return link
    path, mark, anchor = link.partition("#")
    to = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    return (_PAGES.get(to) or to.removeprefix("docs/")) + mark + anchor


# --- examples -------------------------------------------------------------------------------
def examples(markdown: str) -> list[str]:
    """The queries of docs/query.md that are links and find something, in order."""
    lines = markdown.partition(REFUSED)[0].splitlines()
    return [code for line in lines for code in _CODE.findall(_cell(line)) if _is_live(code)]


def linked(markdown: str, wirewatch: str) -> str:
    """The page with its examples as links, those that are refused too: they show how that looks."""

    def link(found: re.Match[str]) -> str:
        address = f"{wirewatch}/?q={quote(found[1], safe='')}"
        return f"[{found[0]}]({address}){{ .example }}" if _is_live(found[1]) else found[0]

    lines = markdown.splitlines()
    for at, line in enumerate(lines):
        if cell := _cell(line):
            lines[at] = line.replace(cell, _CODE.sub(link, cell), 1)
    return "\n".join(lines) + "\n"


def _cell(line: str) -> str:
    """The cell of a table's row that holds examples: the first of two, the last of three; "" in all other lines."""
    cells = line.strip("| ").split(" | ") if line.startswith("| `") else []
    return {2: cells[0], 3: cells[-1]}.get(len(cells), "") if cells else ""


def _is_live(code: str) -> bool:
    """Not what depends on the day, on an old archive, or on what was saved; `http://` and the like are no queries."""
    return not _DEPENDS.search(code) and not code.endswith("://")
