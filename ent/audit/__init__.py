"""The journal: who did what, to whom, when, from where, with what result; append-only.

- `services`: `record(...)` and `record_many(...)`, in the transaction of the act.
- `enums`, `vocabulary`: the closed list of acts, and how a higher room adds its own.
- `models`: events (one partition a month), identities (the only link from a pseudonym to a person,
  deleted at erasure), seals (the chain).
- `chain`: sealing what was committed, finding what was removed or altered.
- `partitions`: months ahead, and the end of those past their retention.
- `origin`: where an act came from.
"""
