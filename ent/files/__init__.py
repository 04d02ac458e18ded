"""Files in PostgreSQL: encrypted, cut in chunks, with an expiry; written and read as streams.

What one machine makes another can serve, a backup of the database is a backup of the files, and a
file whose key is destroyed is gone from every backup. Each file has a random key, sealed for the
workers: the web holds no key that opens a file. To serve one, it asks a worker for a hand-off.

- `writing`: `create_file(...)`, a stream that is listed only when it is whole.
- `reading`: `read_file(...)`, in a worker.
- `purposes`: who may download which files, how many an hour; each room registers its own.
- `handoff`: from the click to the stream, through a job that checks the right again.
- `responses`: the download itself, and the cookie that opens it.
- `services`: deleting, expiry, sealing again.
"""
