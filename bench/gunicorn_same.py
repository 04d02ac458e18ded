"""The same server for both sides of the handshake: what `ent/web/gunicorn.py` says, and no more."""

import os

bind = os.environ["BIND"]
workers = 2
preload_app = True
timeout = 60
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
loglevel = "warning"
