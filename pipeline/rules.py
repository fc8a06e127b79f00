"""An outlet's own rules: selectors in its source file, applied before the general reader.

A selector is CSS, or XPath when it begins with "/", "./" or "("; XPath may also name an attribute. Rules that find
nothing on a page leave it to the general reader: outlets change their pages without telling.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

from cssselect import HTMLTranslator, SelectorError
from lxml import etree, html

from pipeline.html import Tree, words
from pipeline.types import Rules

MAX_FOUND = 200  # elements one selector may give: more of them are no story's
MAX_FIELD = 5_000  # characters of a field


@lru_cache(maxsize=2048)
def selector(text: str) -> Any:
    """What finds a selector's elements in a tree. Raise ValueError saying what is wrong with it."""
    try:
        if text.startswith(("/", "./", "(")):
            return etree.XPath(text)
        return etree.XPath(HTMLTranslator().css_to_xpath(text))
    except SelectorError as error:
        raise ValueError(f"is not a CSS selector: {error}") from error
    except etree.XPathError as error:
        raise ValueError(f"is not XPath: {error}") from error


def apply(tree: Tree, rules: Rules) -> Tree:
    """`tree` without what the rules remove (cut out in place); a new tree of nothing but the body, if they name one."""
    for text in rules.remove:
        for element in _elements(tree, text):
            if element.getparent() is not None:
                element.drop_tree()
    found = _elements(tree, rules.body) if rules.body else []
    if not found:
        return tree
    document: Tree = html.document_fromstring("<html><body></body></html>")
    body, taken = document.find("body"), set(found)
    for element in found:
        if not any(above in taken for above in element.iterancestors()):
            copy = deepcopy(element)
            copy.tail = None
            body.append(copy)
    return document


def fields(tree: Tree, text: str) -> list[str]:
    """What a selector finds, each as one line of text; [] without a selector or when nothing is there."""
    if not text:
        return []
    found = _found(tree, text)
    lines = (words([one] if isinstance(one, str) else one.itertext())[:MAX_FIELD] for one in found)
    return list(dict.fromkeys(line for line in lines if line))


def field(tree: Tree, text: str) -> str:
    """The first of `fields`, or ""."""
    return next(iter(fields(tree, text)), "")


def _elements(tree: Tree, text: str) -> list[Any]:
    return [one for one in _found(tree, text) if not isinstance(one, str)]


def _found(tree: Tree, text: str) -> list[Any]:
    """Elements and texts that a selector finds; [] for XPath that gives a number or fails on this page."""
    try:
        found = selector(text)(tree)
    except etree.XPathError:
        return []
    if isinstance(found, str):
        return [found]
    return found[:MAX_FOUND] if isinstance(found, list) else []
