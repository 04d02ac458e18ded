"""The mailbox of the ENT: reports, notices and messages, and the address that notices go to.

- `services.sending`: `send_report(...)`, in the caller's transaction, for higher rooms.
- `services.mailbox`: reading, archiving, deleting, restoring.
- `addresses`: where a person's mails go, and which address serves for recovery.
"""
