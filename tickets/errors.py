"""What a service says when it will not do a thing: in words for the person who asked."""


class ServiceRefused(Exception):
    """The change was refused; nothing has happened. The message is for the reader."""

    @property
    def message(self) -> str:
        return str(self)


class Invalid(ServiceRefused):
    """One value cannot be used; ``field`` names the form field or argument."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Broken(Invalid):
    """The words promise what does not hold any more; ``because`` says why, in a clause."""

    def __init__(self, message: str, *, because: str, field: str = "") -> None:
        super().__init__(message, field)
        self.because = because


class Conflict(ServiceRefused):
    """Somebody else changed it since it was read."""


class Stale(Conflict):
    """The ticket is not at the version that was read: somebody changed it meanwhile."""


class Unread(Conflict):
    """Somebody said something that the writer had not seen."""


class TooLate(ServiceRefused):
    """It has already happened: a reply that left cannot be recalled."""


class Over(TooLate):
    """The ticket is solved, closed or merged away: this is not done on it any more."""
