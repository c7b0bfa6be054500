"""The ASGI entrance: the live-update stream, and Django for everything else."""

import os
import warnings

from django.core.asgi import get_asgi_application

from config.stream import Receive, Scope, Send, Stream

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# WhiteNoise's files are small and read at once; nothing is gained by streaming them.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

pages = get_asgi_application()


class Entrance:
    """Long answers go past Django, which would keep a thread for each."""

    def __init__(self) -> None:
        self._stream = Stream()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        takes = self._stream.takes(scope) or scope["type"] == "lifespan"
        await (self._stream if takes else pages)(scope, receive, send)


application = Entrance()
