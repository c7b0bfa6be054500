"""Pictures by their first bytes, whatever their name claims; pure. SVG is none: it may run."""

LONGEST_SIGN = 12  # bytes that tell
LARGEST = 5 * 1024 * 1024
_SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def picture_type(content: bytes) -> str:
    """The type of a picture that browsers draw and nothing more; empty of all else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS if content.startswith(sign)), "")


def may_be_picture(name: str, size: int) -> bool:
    """Whether a file is worth a look: by its name, and not too heavy to be drawn unasked."""
    return name.lower().endswith(ENDINGS) and 0 < size <= LARGEST
