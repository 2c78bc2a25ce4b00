"""Only Slack's own mrkdwn becomes markup; everything else is text."""

import pytest

from sandbox.page.mrkdwn import Reader, as_html

READER = Reader(people={"U0ANNA": "Anna Berg"}, channels={"C0SUPPORT": "support"})

SHOWN = [
    ("*bold* _italic_ ~gone~ `code`", "<p><strong>bold</strong> <em>italic</em> <s>gone</s> <code>code</code></p>"),
    ("snake_case_name 2*3*4", "<p>snake_case_name 2*3*4</p>"),
    ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ("&lt;b&gt; &amp;amp;", "<p>&lt;b&gt; &amp;amp;</p>"),
    ("&lt;!channel&gt;", "<p>&lt;!channel&gt;</p>"),
    ("<!channel>", '<p><span class="mention">@channel</span></p>'),
    (
        "<https://a.example/?x=1&amp;y=2|here>",
        '<p><a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">here</a></p>',
    ),
    ("<javascript:alert(1)|here>", "<p>&lt;javascript:alert(1)|here&gt;</p>"),
    ("<!date^1392734382^{date_num} at {time}|then>", "<p>2014-02-18 at 14:39</p>"),
    ("<!date^soon^{date}|then>", "<p>then</p>"),
    ("&gt; quoted\n• one\n• two", "<blockquote>quoted</blockquote><ul><li>one</li><li>two</li></ul>"),
    ("```\na < b\n*c*```", "<pre>a &lt; b\n*c*</pre>"),
]


@pytest.mark.parametrize(("text", "html"), SHOWN)
def test_mrkdwn_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert as_html(text, READER) == html


def test_people_and_channels_are_called_by_name() -> None:
    shown = as_html("<@U0ANNA> in <#C0SUPPORT>", READER)

    assert "@Anna Berg" in shown
    assert "#support" in shown


def test_an_address_can_not_leave_its_attribute() -> None:
    shown = as_html('<https://a.example/"onmouseover="x|y>', READER)

    assert 'onmouseover="' not in shown
    assert "&#34;onmouseover=" in shown
