"""Cursor pages: the same cost at the start and at the millionth ticket."""

from rest_framework.pagination import CursorPagination


class NewestChangeFirst(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("-updated_at", "-id")


class OldestFirst(CursorPagination):
    page_size = 100
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("at", "id")
