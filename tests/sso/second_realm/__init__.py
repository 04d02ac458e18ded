"""A second realm of a few lines: its principals are persons, all with one password.

It runs in a process of its own, without `accounts` nor any other room above `sso`.
"""
