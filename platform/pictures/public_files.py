"""The base of routes that serve pictures to everybody, with a long cache."""

import re

from django.http import HttpResponse

from api.viewsets import ApiViewSet
from core.errors import NotFound

# A document that is opened by itself runs nothing, fetches nothing and is of no origin.
INERT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class PublicFileViewSet(ApiViewSet):
    """Serves files by names that nobody can guess, or that tell nothing."""

    tag = "Account"
    authentication_classes = ()
    permission_classes = ()

    def matched_name(self, pattern: str, file: str) -> re.Match[str]:
        """Return the match of the whole file name.

        Raises:
            NotFound: no file has such a name.
        """
        self.validated()
        found = re.fullmatch(pattern, file)
        if found is None:
            raise NotFound
        return found


def file_response(content: bytes, content_type: str, cache_seconds: int) -> HttpResponse:
    """Return a file that caches keep for so long, and that browsers take for nothing else."""
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = f"public, max-age={cache_seconds}, immutable"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = INERT_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
