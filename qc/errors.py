"""Refusals of this app."""

from annotations.errors import DomainError


class InvalidProtocol(DomainError):
    """The protocol document cannot be used; ``errors`` point into it."""

    code, status, title = "invalid-protocol", 422, "The protocol cannot be used"


class DisputeTaken(DomainError):
    """Another adjudicator holds this dispute until the time given."""

    code, status, title = "dispute-taken", 409, "The dispute is held by someone else"


class TooManyHeld(DomainError):
    """You hold three disputes already; settle or give back one of them before you take another."""

    code, status, title = "too-many-held", 409, "You hold three disputes already"


class NotIndependent(DomainError):
    """You read this case, or have seen an answer to it, and so cannot settle its disputes."""

    code, status, title = "not-independent", 403, "Not open to you"


class DisputeClosed(DomainError):
    """The dispute is closed: it was decided, or new reads made it pointless."""

    code, status, title = "dispute-closed", 409, "The dispute is closed"


class LeaseLost(DomainError):
    """Your hold on this dispute ran out or was taken over; your draft is kept."""

    code, status, title = "lease-lost", 409, "Your hold on this dispute has ended"


class WrongPassword(DomainError):
    """The password is not yours; nothing was signed and your draft is kept."""

    code, status, title = "wrong-password", 403, "The password is wrong"


class SigningLocked(DomainError):
    """Five wrong passwords close signing for fifteen minutes."""

    code, status, title = "signing-locked", 429, "Signing is closed for a while"


class StaleView(DomainError):
    """What you were shown is not what would be signed; read it again."""

    code, status, title = "stale-view", 409, "What was shown has changed"


class LookFirst(DomainError):
    """The protocol asks for your answer from the image alone before it shows what the readers said."""

    code, status, title = "look-first", 409, "Look first"


class NoPanel(DomainError):
    """The protocol has no panel to which a dispute could be referred, or it is before one already."""

    code, status, title = "no-panel", 409, "There is no panel to refer to"
