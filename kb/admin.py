"""Articles for the admin: every save is a revision."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from kb.models import Article, Revision
from kb.proposing import publish
from kb.services import OVERTAKEN, checked_body, write_article
from tickets.errors import Invalid, ServiceRefused
from tickets.people.models import User


class ArticleForm(forms.ModelForm[Article]):
    body = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 24, "cols": 90}), help_text="Markdown."
    )
    read_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Article
        fields = ["title", "slug", "audience", "state"]
        help_texts = {
            "audience": "Staff read both here. For everybody: it may be passed on to customers. "
            "Nobody else sees it by itself: there is no page for customers yet."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["read_version"] = self.instance.version
        latest = self.instance.revisions.first() if self.instance.pk else None
        self.initial["body"] = latest.body if latest else ""
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Its address; left empty, made from the title."

    def clean_body(self) -> str:
        try:
            return checked_body(self.cleaned_data["body"])
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean(self) -> dict[str, Any]:
        """Holds the article until it is saved: nobody comes in between."""
        fields: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            row = Article.objects.select_for_update().get(pk=self.instance.pk)
            if fields.get("read_version") != row.version:
                raise forms.ValidationError(OVERTAKEN)
        return fields


class RevisionInline(admin.TabularInline[Revision, Article]):
    model = Revision
    fields = readonly_fields = ("number", "author", "at", "body")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        return super().get_queryset(request).select_related("author", "article")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin[Article]):
    form = ArticleForm
    list_display = ("title", "audience", "state", "proposed_by", "version", "updated_at")
    list_filter = ("audience", "state")
    list_select_related = ("proposed_by",)
    search_fields = ("title",)
    actions = ("publish",)
    inlines = (RevisionInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        return ["address"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        return ["title", "address" if obj else "slug", "audience", "state", "body", "read_version"]

    @admin.action(description="Publish the selected drafts", permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Article]) -> None:
        done = 0
        for article in chosen.order_by("title", "pk"):
            try:
                publish(
                    article=article, version=article.version, actor=cast(User, request.user),
                    now=timezone.now(),
                )  # fmt: skip
            except ServiceRefused as refusal:
                self.message_user(request, f"«{article.title}»: {refusal}", messages.WARNING)
            else:
                done += 1
        if done:
            said = "1 draft is" if done == 1 else f"{done} drafts are"
            self.message_user(request, f"{said} published.", messages.SUCCESS)

    @admin.display(description="Address")
    def address(self, article: Article) -> str:
        return (
            f"{reverse('article', args=[article.slug])} (stays, so that links to it keep working)"
        )

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        fields = form.cleaned_data
        saved = write_article(
            title=fields["title"], body=fields["body"], audience=fields["audience"],
            state=fields["state"], slug=fields.get("slug", ""), now=timezone.now(),
            author=cast(User, request.user),
            article=Article.objects.get(pk=obj.pk) if change else None,
            expected_version=fields["read_version"] if change else None,
        )  # fmt: skip
        obj.pk, obj.version = saved.pk, saved.version
