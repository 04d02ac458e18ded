"""Sealed boxes: what opens, what must not, and that a dump holds nothing (T-F1, T-F1b)."""

import base64
import os
import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from ent.sealing.boxes import (
    BOX_OVERHEAD_BYTES,
    HEADER_BYTES,
    BoxOpener,
    SealError,
    SealingBatch,
    is_current,
    open_box,
)
from ent.sealing.keys import ForbiddenKeyError, KeyRole, rotate_key
from ent.sealing.wrapping import new_key_pair, unwrap, wrap

CODE = b"k7qpm3xr9t4v"


def test_what_one_process_sealed_the_worker_opens() -> None:
    account = uuid.uuid4()
    batch = SealingBatch.open_new()
    box = batch.seal(CODE, account=account, generation=3)

    assert len(batch.header) == HEADER_BYTES
    assert len(box) == len(CODE) + BOX_OVERHEAD_BYTES
    assert open_box(batch.header, box, account=account, generation=3) == CODE


def test_a_batch_of_many_opens_in_any_order() -> None:
    batch = SealingBatch.open_new()
    items = [(f"code-{n:07d}".encode(), uuid.uuid4(), n % 5) for n in range(300)]
    boxes = list(batch.seal_many(items))
    opener = BoxOpener(batch.header)

    for (plaintext, account, generation), box in reversed(list(zip(items, boxes, strict=True))):
        assert opener.open(box, account=account, generation=generation) == plaintext


def test_two_swapped_boxes_both_refuse_to_open() -> None:
    """T-F1b."""
    first, second = uuid.uuid4(), uuid.uuid4()
    batch = SealingBatch.open_new()
    box_of_first = batch.seal(CODE, account=first, generation=1)
    box_of_second = batch.seal(CODE[::-1], account=second, generation=1)

    for box, account in ((box_of_first, second), (box_of_second, first)):
        with pytest.raises(SealError):
            open_box(batch.header, box, account=account, generation=1)


@pytest.mark.parametrize("position", [0, 3, 4, 10, -1])
def test_a_flipped_bit_is_noticed(position: int) -> None:
    account = uuid.uuid4()
    batch = SealingBatch.open_new()
    box = bytearray(batch.seal(CODE, account=account, generation=1))
    box[position] ^= 1

    with pytest.raises(SealError):
        open_box(batch.header, bytes(box), account=account, generation=1)


def test_a_box_of_a_former_generation_or_another_batch_does_not_open() -> None:
    account = uuid.uuid4()
    batch, other = SealingBatch.open_new(), SealingBatch.open_new()
    box = batch.seal(CODE, account=account, generation=1)

    with pytest.raises(SealError):
        open_box(batch.header, box, account=account, generation=2)
    with pytest.raises(SealError):
        open_box(other.header, box, account=account, generation=1)
    with pytest.raises(SealError):
        open_box(b"", box, account=account, generation=1)


def test_equal_codes_give_unequal_boxes_and_none_shows_the_code() -> None:
    """T-F1: nothing of the canary in the box, raw, base64 or hexadecimal."""
    account = uuid.uuid4()
    batch = SealingBatch.open_new()
    boxes = [batch.seal(CODE, account=account, generation=1) for _ in range(1000)]

    assert len(set(boxes)) == 1000
    dump = b"".join(boxes) + batch.header
    for canary in (CODE, base64.b64encode(CODE), CODE.hex().encode()):
        assert canary not in dump


def test_a_web_process_seals_but_cannot_open(settings: Settings) -> None:
    settings.RUNS_WORKER = False
    account = uuid.uuid4()
    batch = SealingBatch.open_new()
    box = batch.seal(CODE, account=account, generation=1)

    with pytest.raises(ForbiddenKeyError):
        open_box(batch.header, box, account=account, generation=1)


def test_boxes_of_a_former_key_still_open_after_a_rotation(keys_folder: Path) -> None:
    account = uuid.uuid4()
    batch = SealingBatch.open_new()
    box = batch.seal(CODE, account=account, generation=1)

    rotate_key(keys_folder, KeyRole.ACTIVATION_SEAL_PRIVATE)

    assert not is_current(batch.header)
    assert is_current(SealingBatch.open_new().header)
    assert open_box(batch.header, box, account=account, generation=1) == CODE


def test_a_forked_process_may_not_go_on_with_the_batch() -> None:
    """Two processes would draw the same numbers, that is the same cipher keys."""
    batch = SealingBatch.open_new()
    child = os.fork()
    if child == 0:
        try:
            batch.seal(CODE, account=uuid.uuid4(), generation=1)
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_wrapped_key_opens_for_its_holder_and_context_only() -> None:
    private, public = new_key_pair()
    stranger, _ = new_key_pair()
    wrapped = wrap(b"s" * 32, public_key=public, context=b"file 1")

    assert unwrap(wrapped, private_key=private, context=b"file 1") == b"s" * 32
    for key, context in ((stranger, b"file 1"), (private, b"file 2")):
        with pytest.raises(SealError):
            unwrap(wrapped, private_key=key, context=context)
