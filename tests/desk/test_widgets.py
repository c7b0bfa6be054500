"""Widgets drawn faster stay the widgets of Django."""

from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.test.html import parse_html
from django.utils.safestring import mark_safe

from tickets.templatetags.desk import address


class Form(forms.Form):
    name = forms.CharField(
        initial='a"<b>',
        widget=forms.TextInput(
            attrs={"title": 'say "hi" <b>', "data-safe": mark_safe("&amp;"), "hidden": False}
        ),
    )
    sure = forms.BooleanField(initial=True)
    kind = forms.ChoiceField(choices=[("a<", "A & B")], widget=forms.RadioSelect)
    said = forms.CharField(initial="</textarea>", widget=forms.Textarea)


def test_a_widget_is_drawn_as_django_draws_it() -> None:
    ours = Form(renderer=get_default_renderer()).as_div()
    djangos = Form(renderer=DjangoTemplates()).as_div()
    assert ours != djangos, "ours ends in a line break"
    assert parse_html(ours) == parse_html(djangos)
    for inert in ('title="say &quot;hi&quot; &lt;b&gt;"', 'data-safe="&amp;"', " required"):
        assert inert in ours
    assert "hidden" not in ours


def test_an_address_breaks_after_its_at_and_stays_inert() -> None:
    assert address("farid@customers.example") == "farid@<wbr>customers.example"
    assert address("<b>@x.example") == "&lt;b&gt;@<wbr>x.example"
    assert address("none") == "<wbr>none"
