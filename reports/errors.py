"""Refusals of this app."""

from annotations.errors import DomainError


class NotReleasable(DomainError):
    """The project cannot be released now.

    ``errors`` names each reason: cases that wait to be evaluated, imports that run, statistics that are
    out of date, or a ledger that does not close. Open disputes are no reason, for a release lists them,
    unless a complete release was asked for.
    """

    code, status, title = "not-releasable", 409, "The project cannot be released now"


class SameContent(DomainError):
    """A release with the same content exists already; the same content has one address."""

    code, status, title = "same-content", 409, "There is a release with this content"


class BusyProject(DomainError):
    """The project changed while it was being frozen; ask again in a moment."""

    code, status, title = "busy-project", 409, "The project is changing"


class ReleaseUnderWay(DomainError):
    """A release of this project is being frozen already; wait for it, or cancel it."""

    code, status, title = "release-under-way", 409, "A release is being frozen"


class OrderClosed(DomainError):
    """The order has its release, was refused or was cancelled; order anew."""

    code, status, title = "order-closed", 409, "The order is closed"


class OrderNotStuck(DomainError):
    """The order is still tried by the worker; only work that failed as often as it may is retried by hand."""

    code, status, title = "order-not-stuck", 409, "There is nothing to retry"


class PackageNotReady(DomainError):
    """The files of this release are still being made; ask again in a moment."""

    code, status, title = "package-not-ready", 409, "The package is not ready"


class RangeNotThere(DomainError):
    """The part that was asked for begins behind the end of the file; ``data.size`` is its size in bytes."""

    code, status, title = "range-not-there", 416, "The file is shorter"


class NotRenderable(DomainError):
    """A format cannot hold what it was asked to hold; leave those questions out by naming the others."""

    code, status, title = "not-renderable", 422, "The format cannot hold this release"


class AlreadySigned(DomainError):
    """You signed this release before, or nobody's signature is missing; another person must approve it."""

    code, status, title = "already-signed", 409, "There is nothing for you to sign"


class NotSigned(DomainError):
    """The release is frozen and waits for the signature of another person; nothing of it is handed out before."""

    code, status, title = "not-signed", 409, "The release waits for a signature"


class LeakySplit(DomainError):
    """Equal images stand under different patients on both sides of a split; settle who is who, or split otherwise."""

    code, status, title = "leaky-split", 409, "The split would leak"


class PaperNotPossible(DomainError):
    """The server lacks the libraries that make a PDF; the page itself prints the same numbers."""

    code, status, title = "paper-not-possible", 503, "This server cannot make a PDF"


class NothingMeasured(DomainError):
    """The project was never measured, so there is nothing to put on paper; two readings of a case are needed."""

    code, status, title = "nothing-measured", 409, "Nothing is measured yet"


class NoSuspectWindow(DomainError):
    """No run of errors gave a signal, so there is no window to read again; measure first where reads came since."""

    code, status, title = "no-suspect-window", 409, "There is no suspect window"


class NoStudy(DomainError):
    """The questions make no reader study: it takes known readers, a grade as score, and a category as truth."""

    code, status, title = "no-study", 422, "These questions make no reader study"


class NotSent(DomainError):
    """The message was not taken at the other end, or may not be sent there; the detail says why."""

    code, status, title = "not-sent", 409, "The message was not taken"
