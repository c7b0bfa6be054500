"""The WSGI entrance."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# What the start has made lives as long as the process: looking through it again and again for
# something to throw away costs each page a tenth.
gc.collect()
gc.freeze()
