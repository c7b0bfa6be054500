"""Articles for the admin: every save is a revision."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from kb.models import Article, Revision
from kb.services import write_article
from tickets.errors import Conflict
from tickets.people.models import User


class ArticleForm(forms.ModelForm[Article]):
    body = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 24, "cols": 90}), help_text="Markdown."
    )
    read_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Article
        fields = ["title", "slug", "audience", "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["read_version"] = self.instance.version
        latest = self.instance.revisions.first() if self.instance.pk else None
        self.initial["body"] = latest.body if latest else ""
        self.fields["slug"].required = False

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            stored = Article.objects.values_list("version", flat=True).get(pk=self.instance.pk)
            if fields.get("read_version") not in {None, stored}:
                raise forms.ValidationError(
                    "Somebody saved this article while you wrote; compare before you save."
                )
        return fields


class RevisionInline(admin.TabularInline[Revision, Article]):
    model = Revision
    fields = readonly_fields = ("number", "author", "at", "body")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin[Article]):
    form = ArticleForm
    list_display = ("title", "audience", "state", "version", "updated_at")
    list_filter = ("audience", "state")
    search_fields = ("title",)
    inlines = (RevisionInline,)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        fields = form.cleaned_data
        try:
            saved = write_article(
                title=fields["title"], body=fields["body"], audience=fields["audience"],
                state=fields["state"], slug=fields["slug"], now=timezone.now(),
                author=cast(User, request.user), article=Article.objects.get(pk=obj.pk) if change else None,
                expected_version=fields["read_version"] if change else None,
            )  # fmt: skip
        except Conflict as conflict:
            self.message_user(request, str(conflict), level="ERROR")
            return
        obj.pk, obj.version = saved.pk, saved.version
