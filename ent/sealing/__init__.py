"""Keys by role, sealed boxes for activation codes, keyed verifiers and keyed hashes.

What a stolen dump, log, backup or task argument holds opens nothing without the keys, and the keys
stand outside the database. A web process has the public halves and the hash keys only: the code
that someone must read on paper can be opened by the worker that prints, and by nobody else.

- `keys`: where keys come from, their identifiers, rotation, what a web process may not ask for.
- `codes`: activation codes, their spelling and their keyed verifier.
- `boxes`: sealed boxes, one ephemeral key per batch.
- `wrapping`: a short secret sealed to a public key (keys of files, hand-offs).
- `locking`: a small secret kept in the database and read again (seeds of second factors).
- `hashing`: keyed hashes of logins, sessions, devices.
- `resealing`: how rooms let their boxes be sealed again under a new key.
"""
