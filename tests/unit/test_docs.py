"""The documents hang together: no dead link, no page that the site does not list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What a link may point at, as renderers of Markdown write headings."""
    words = [re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(page.read_text())]
    return {title.strip().replace(" ", "-") for title in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text()):
        target = page.parent / path
        assert target.exists(), f"{path} is not there"
        if anchor and target.suffix == ".md":
            assert anchor[1:] in anchors(target), f"{path} has no heading for {anchor}"


def listed(nav: object) -> set[str]:
    match nav:
        case str():
            return {nav}
        case dict():
            return set().union(*map(listed, nav.values()))
        case list():
            return set().union(*map(listed, nav))
    return set()


def test_the_site_lists_every_page_and_no_other() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    pages = {page.name for page in DOCS.glob("*.md")}
    assert {name for name in listed(site["nav"]) if "/" not in name} == pages
