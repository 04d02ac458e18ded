"""How a job ends otherwise than well."""


class JobFailed(Exception):
    """An expected failure; its message is French, shown as it is, and says what to do next."""


class JobCancelled(Exception):
    """Somebody asked to stop; raised by `JobContext.check_cancelled`, let it go through."""


class JobLost(Exception):
    """The row no longer belongs to this attempt: its lock was lost and another one took over."""


class JobUnavailable(Exception):
    """The job cannot be run now: it runs elsewhere, or has ended."""
