"""Ids derive from content, so that a message that arrives twice changes nothing."""

from __future__ import annotations

import hashlib


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def article_id(canonical_url: str) -> str:
    """Id of an article and of the entry that led to it: "a" and 20 hex digits of its canonical URL."""
    return "a" + _digest(canonical_url)


def story_id(first_article_id: str) -> str:
    """Id of a story: that of the article that founded it, with an "s" in front."""
    return "s" + first_article_id[1:]


def parted_story_id(story: str, article: str) -> str:
    """Id of what a person took out of a story with an article whose own id names another story."""
    return "s" + _digest(f"{story} without {article}")


def version_id(title: str, text: str) -> str:
    """Id of what an article said: "v" and 20 hex digits of headline and text."""
    return "v" + _digest(title + "\n\n" + text)


def content_hash(body: bytes) -> str:
    """Hash of the bytes of an answer, to see that nothing changed."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
