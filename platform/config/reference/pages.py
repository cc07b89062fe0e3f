"""The pages /docs/stream and /docs/codes, and the stream's document."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.reference.codes import error_codes, wire_enums
from config.reference.stream_document import document_text
from config.reference.stream_frames import OBJECT_FRAMES, array_frames
from core import json


@require_safe
def stream_page(request: HttpRequest) -> HttpResponse:
    """Show every frame field by field, and a box that connects."""
    objects = [(frame, json.dumps(frame.example).decode()) for frame in OBJECT_FRAMES]
    context = {"frames": array_frames(), "objects": objects}
    return render(request, "realtime/stream_reference.html", context)


@require_safe
def codes_page(request: HttpRequest) -> HttpResponse:
    """Show the enums and the error codes."""
    context = {"enums": wire_enums(), "errors": error_codes()}
    return render(request, "realtime/codes_reference.html", context)


@require_safe
def stream_document(request: HttpRequest) -> HttpResponse:
    """Return the AsyncAPI document."""
    return HttpResponse(document_text(), content_type="application/yaml; charset=utf-8")
