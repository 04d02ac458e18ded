"""How passwords are hashed.

Argon2id at OWASP's minimum (m=19456 KiB, t=2, p=1): 19 ms of CPU here, where Django's default
parameters take 182 ms and would let a few hundred posts per second stop a school. A system check
(`ent.checks`) refuses a start with less.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PreauArgon2(Argon2PasswordHasher):
    """Argon2id with our parameters; a hash made with others is re-made at the next sign-in."""

    memory_cost = 19456
    time_cost = 2
    parallelism = 1
