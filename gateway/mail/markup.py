"""Makes text of an HTML part: cleaned by nh3 first, hidden words left out, quoted ones marked as quoted."""

import re
from html.parser import HTMLParser

import nh3

_TAGS = {
    *("a", "b", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "i", "li", "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "tr", "u", "ul"),
}
_BREAKING = {"blockquote", "br", "div", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "pre", "tr"}
_EMPTY = {"br", "hr"}
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|font-size:0|opacity:0(?![.]?[1-9])|max-height:0|mso-hide:all|text-indent:-\d{3}"
)
_QUOTING = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "divrplyfwdmsg", "protonmail_quote")
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_MANY_LINES = re.compile(r"\n{3,}")


def text_of(html: str) -> str:
    """The words that a reader sees, block by block; quoted lines begin with "> "."""
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "head"},
        attributes={"*": {"style", "class", "id", "hidden"}},
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(cleaned)
    reader.close()
    return _MANY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in reader.lines())).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._open: list[tuple[str, bool, bool]] = []
        self._hidden = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self._break()
        if tag in _EMPTY:
            return
        found = {name: (value or "").lower() for name, value in attrs}
        hidden = "hidden" in found or bool(_HIDDEN.search(found.get("style", "").replace(" ", "")))
        named = f"{found.get('class', '')} {found.get('id', '')}"
        quoted = tag == "blockquote" or any(mark in named for mark in _QUOTING)
        self._open.append((tag, hidden, quoted))
        self._hidden += hidden
        self._quoted += quoted

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, hidden, quoted = self._open.pop()
            self._hidden -= hidden
            self._quoted -= quoted
            if closed == tag:
                break
        if tag in _BREAKING:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        words = _SPACES.sub(" ", data)
        line = self._lines[-1]
        if not line:
            line = "> " if self._quoted else ""
            words = words.lstrip()
        self._lines[-1] = line + words if words else self._lines[-1]

    def lines(self) -> list[str]:
        """The lines read so far."""
        return self._lines

    def _break(self) -> None:
        self._lines.append("")
