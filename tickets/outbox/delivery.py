"""One row to one mail server, and what the server said of it."""

import smtplib
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from tickets.outbox.compose import OneEnvelope, compose
from tickets.outbox.models import Delivery

logger = structlog.get_logger(__name__)
# So many mails in a row without an answer, and it is the server and not the mails.
STRIKES = 2


class NotTaken(Exception):
    """The configured mail backend says that it sent nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    accepted: bool = False
    error: str = ""
    permanent: bool = False


class Courier:
    """One connection for a batch; after a failure the next mail gets a new one.

    ``gave_up`` says why going on is pointless: the server cannot be reached, or has stopped
    answering. Then the mails that were not tried are none the worse for it.
    """

    def __init__(self) -> None:
        self.gave_up = ""
        self._connection: BaseEmailBackend | None = None
        self._strikes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._hang_up()

    def send(self, delivery: Delivery) -> Outcome:
        """Hands one delivery over. Never raises for what a server or a mail can do wrong."""
        try:
            message = compose(delivery.mail, delivery, list(delivery.mail.deliveries.all()))
        except Exception as problem:
            logger.exception("mail_not_composed", delivery=delivery.pk)
            return Outcome(error=f"This cannot be written as a mail: {problem}", permanent=True)
        return self._hand_over(message, delivery.pk)

    def _hand_over(self, message: OneEnvelope, pk: int) -> Outcome:
        try:
            line = self._line()
        except Exception as problem:
            self.gave_up = describe(problem)
            self._connection = None
            return self._refused(pk, problem)
        try:
            if not line.send_messages([message]):
                raise NotTaken("The mail backend did not take the mail.")
        except Exception as problem:
            self._hang_up()
            self._strikes = self._strikes + 1 if is_silence(problem) else 0
            if self._strikes >= STRIKES:
                self.gave_up = describe(problem)
            return self._refused(pk, problem)
        self._strikes = 0
        return Outcome(accepted=True)

    def _refused(self, pk: int, problem: Exception) -> Outcome:
        error, permanent = describe(problem), is_permanent(problem)
        logger.warning("mail_refused", delivery=pk, problem=error, permanent=permanent)
        return Outcome(error=error, permanent=permanent)

    def _line(self) -> BaseEmailBackend:
        if self._connection is None:
            connection = get_connection(fail_silently=False)
            connection.open()
            self._connection = connection
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            line, self._connection = self._connection, None
            try:
                line.close()
            except (OSError, smtplib.SMTPException):
                logger.info("mail_connection_was_gone")


def is_permanent(problem: Exception) -> bool:
    """Whether trying again is pointless: a 5xx for the recipient or for the mail itself.

    A refused sender or log-in is our configuration, which somebody will mend while we try again;
    552 for a sender alone means that the mail is too large.
    """
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return problem.smtp_code == 552
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code >= 500


def is_silence(problem: Exception) -> bool:
    """Whether the server said nothing, rather than no."""
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return True
    return isinstance(problem, OSError) and not isinstance(problem, smtplib.SMTPException)


def describe(problem: Exception) -> str:
    """What a person reads in the list of dead letters."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return "; ".join(_reply(*reply) for reply in problem.recipients.values())
    # Said apart from a refused recipient: the same number means another fault.
    if isinstance(problem, smtplib.SMTPDataError):
        return f"The text was refused: {_reply(problem.smtp_code, problem.smtp_error)}"
    if isinstance(problem, smtplib.SMTPResponseException):
        return _reply(problem.smtp_code, problem.smtp_error)
    # smtplib makes a lost connection of a timeout, and tells it apart only in words.
    if is_silence(problem) and "timed out" in str(problem):
        return "The mail server did not answer in time."
    return f"{type(problem).__name__}: {problem}"


def _reply(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}".strip()
