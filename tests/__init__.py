"""The tests; the kit that makes them strict is `tests.kit`."""
