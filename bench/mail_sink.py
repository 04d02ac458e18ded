"""An SMTP server that takes everything: `python -m bench.mail_sink PORT` says « ready »."""

from __future__ import annotations

import asyncio
import sys

from aiosmtpd.smtp import SMTP


class _TakesAll:
    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: object, envelope: object, name: str, lines: list[str]
    ) -> list[str]:
        """Take several commands at once, as Postfix and most others do."""
        session.host_name = name  # type: ignore[attr-defined]
        return [lines[0], "250-PIPELINING", *lines[1:]]

    async def handle_DATA(self, *given: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 taken"


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_TakesAll(), loop=loop), "127.0.0.1", port)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
