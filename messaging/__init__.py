"""The mailbox of the ENT: reports, notices and messages, and the address that notices go to.

- `kinds`: the kinds of messages, each with its label, its rule of mails and its mail's words.
- `notices.sending`: `notify_owner`, `send_report`, `send_message`, in the caller's transaction.
- `mailbox.services`: reading, archiving, deleting, restoring.
- `addresses`: where a person's mails go, and which address serves for recovery.
"""
