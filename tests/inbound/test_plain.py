import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.inbound.plain import from_html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div>\n<div>b</div>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("x < y and &lt;script&gt;", "x < y and <script>"),
        ("<style>p{}</style>a<script>b</script>c", "ac"),
        ("<![if !mso]>a<![endif]><!--[if mso]>b<![endif]-->", "a"),
        ("<head><title>t</title><body>a", "a"),
        ('<img src="data:image/png;base64,' + "A" * 9000 + '">a', "a"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("<a href='https://a.example/?b=c&amp;d'>x</a>", "x (https://a.example/?b=c&d)"),
        ("<a href=https://a.example>https://a.example</a>", "https://a.example"),
        ("&#99999999999; &#x0; &amp;lt;", "\ufffd \ufffd &lt;"),
        ("<!-- open", ""),
        ("", ""),
    ],
)
def test_html_as_text(source: str, text: str) -> None:
    assert from_html(source) == text


@given(st.text(alphabet="<>/ab r&#x;'\"=!-\npdivlockqute", max_size=300))
def test_any_html_is_some_text(source: str) -> None:
    assert isinstance(from_html(source), str)
