"""How a job ends otherwise than well."""


class JobFailed(Exception):  # noqa: N818 - named after what happened, as in `raise JobFailed(...)`
    """An expected failure; its message is French, shown as it is, and says what to do next."""


class JobCancelled(Exception):  # noqa: N818 - not an error
    """Somebody asked to stop; raised by `JobContext.check_cancelled`, let it go through."""


class JobLost(Exception):  # noqa: N818 - not an error of the job
    """The row no longer belongs to this attempt: its lock was lost and another one took over."""


class JobUnavailable(Exception):  # noqa: N818 - an answer to the caller
    """The job cannot be run now: it runs elsewhere, or has ended."""
