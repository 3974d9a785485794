"""What a newsroom may say of its site in `passerelle.toml`."""

import re
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import load_settings
from pipeline.site.config import is_safe_link

if TYPE_CHECKING:
    from conftest import Newsroom


@pytest.mark.parametrize(
    ("target", "is_safe"),
    [
        ("https://example.org/a:b", True),
        ("HTTP://example.org", True),
        ("mailto:a@example.org", True),
        ("/about", True),
        ("about.html?a=b:c#d", True),
        ("javascript:alert(1)", False),
        (" java\tscript:alert(1)", False),
        ("\x01javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
    ],
)
def test_links_lead_to_the_web_to_mail_or_within_the_site(target: str, is_safe: bool) -> None:  # noqa: FBT001
    assert is_safe_link(target) is is_safe


@pytest.mark.parametrize(
    "text",
    [
        '[site]\nbase_url = "javascript:alert(1)"',
        '[site]\nbase_url = "https://"',
        '[site]\nbase_url = "https://a.example/?q"',
        "[site]\nbase_url = 3",
        '[site]\nbase_url = "https://[a"',
        '[site]\nnavigation = [{ text = "x", target = "javascript:alert(1)" }]',
        '[site]\nnavigation = "x"',
        "[site]\nname = { fr = 3 }",
        '[site]\nname = { "../x" = "y" }',
        "[site]\nodd = 1",
        "site = 3",
        '[articles.a]\nslug = "../x"',
        '[articles.a]\nslug = { en = "a/b" }',
        '[articles.a]\ndate = "soon"',
        "[articles.a]\nauthor = 3",
        "[articles.a]\nodd = 3",
    ],
)
def test_settings_that_make_no_sense_are_named(newsroom: "Newsroom", text: str) -> None:
    newsroom.configure(text)
    with pytest.raises(SettingsError, match=re.escape("passerelle.toml: ")):
        load_settings(newsroom.path)
