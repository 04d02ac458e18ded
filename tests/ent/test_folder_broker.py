"""The broker without Redis: what is published while somebody reads is read, whole and in order."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from kombu import Connection

from ent.settings.base import FOLDER_BROKER, describe_folder_broker

_MESSAGES = 1500
_PUBLISH = """
import sys
from tests.ent.test_folder_broker import open_broker
from pathlib import Path
with open_broker(Path(sys.argv[1])) as broker:
    queue = broker.SimpleQueue("essai")
    for number in range(int(sys.argv[2])):
        queue.put({"number": number})
"""


def open_broker(folder: Path) -> Connection:
    """A connection to the broker in `folder`."""
    options = describe_folder_broker(folder)
    for key in ("data_folder_in", "processed_folder", "control_folder"):
        Path(options[key]).mkdir(parents=True, exist_ok=True)
    return Connection("filesystem://localhost/", transport=FOLDER_BROKER, transport_options=options)


def _publish(folder: Path, count: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", _PUBLISH, str(folder), str(count)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ent.settings.test"},
    )


def test_a_reader_beside_the_writer_takes_every_message_whole(tmp_path: Path) -> None:
    """A message that was taken half-written ended the worker, and was lost."""
    numbers: list[int] = []
    with _publish(tmp_path, _MESSAGES) as publisher, open_broker(tmp_path) as broker:
        queue = broker.SimpleQueue("essai")
        while len(numbers) < _MESSAGES:
            has_ended = publisher.poll() is not None
            try:
                message = queue.get(block=False)
            except queue.Empty:
                assert not has_ended, f"{_MESSAGES - len(numbers)} messages are lost"
                continue
            message.ack()
            numbers.append(message.payload["number"])
    assert numbers == list(range(_MESSAGES))


def test_several_processes_may_declare_a_queue_at_once(tmp_path: Path) -> None:
    """As each first start does: the worker, the beat, and the pages."""
    publishers = [_publish(tmp_path, 1) for _ in range(4)]
    assert [publisher.wait(timeout=60) for publisher in publishers] == [0] * 4
    with open_broker(tmp_path) as broker:
        queue = broker.SimpleQueue("essai")
        assert [queue.get(block=False).payload for _ in range(4)] == [{"number": 0}] * 4
