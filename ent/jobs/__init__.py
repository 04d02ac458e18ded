"""Background work: the row is the truth, the broker only says "there is work".

Every broker that was tried lost or doubled work under kill -9, so a `Job` row is written in the
transaction of whoever asks, one conditional UPDATE claims it, an advisory lock held by the process
that runs it says that it lives, and a sweeper wakes what nobody woke and takes up what died.

- `registry`: `@job_kind(...)` declares what a room can do in the background.
- `services`: `enqueue`, `request_cancel`, `retry`.
- `context`: what the function of a job receives (progress, cancellation, result).
- `attempt`: the second connection that claims a job, holds its lock and shows its progress.
- `running`, `sweeper`: one attempt at one job; finding the jobs that nobody runs.

A job may run again from its beginning after a crash (`resumable=True`), even when its work had
just been committed: its function starts by looking at what is already done.
"""
