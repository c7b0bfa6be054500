#!/usr/bin/env python
"""The command line of the helpdesk."""

import os
import sys
import traceback

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

EX_TEMPFAIL, EX_CONFIG = 75, 78


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    is_mail = sys.argv[1:2] == ["receive_mail"]
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.stderr.write(f"Configuration: {problem}\n")
        sys.exit(EX_TEMPFAIL if is_mail else EX_CONFIG)
    except Exception:
        if not is_mail:
            raise
        # Whatever is wrong here, the mail server keeps the mail and tries again.
        traceback.print_exc()
        sys.exit(EX_TEMPFAIL)


if __name__ == "__main__":
    main()
