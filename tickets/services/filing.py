"""Files as attachments of messages: on disk under names that say nothing, and gone on rollback."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tickets.errors import Invalid
from tickets.files import File, too_much
from tickets.models import Attachment, Message


class Shelf:
    """What was put on disk by a transaction that may yet fail."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def attach(self, message: Message, files: Sequence[File]) -> None:
        for file in files:
            row = Attachment(
                message=message, name=file.name, content_type=file.content_type[:100],
                size=len(file.content),
            )  # fmt: skip
            row.file.save(uuid.uuid4().hex, ContentFile(file.content), save=False)
            self.names.append(str(row.file.name))
            row.save(force_insert=True)


def checked(files: Sequence[File]) -> Sequence[File]:
    """Raises Invalid for what cannot go along with a reply or a note."""
    if because := too_much(files):
        raise Invalid(because, "attachments")
    return files


@contextmanager
def shelf() -> Iterator[Shelf]:
    """Put it around the transaction: where that fails, the files go too."""
    kept = Shelf()
    try:
        yield kept
    except BaseException:
        for name in kept.names:
            default_storage.delete(name)
        raise
