"""What cannot be read as a request at all, said in words and not with a bare number."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 where it was too large, else 400; for a program as JSON."""
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
        status, said = 413, f"What was sent is larger than {most:,} KB, which is the most."
    else:
        status, said = 400, "What was sent could not be read."
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": said}, status=status)
    return render(request, "400.html", {"status": status, "said": said}, status=status)
