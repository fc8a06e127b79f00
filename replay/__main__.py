"""`python -m replay`: serve a world until told to stop; prints one JSON line with the port when ready."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from replay.demo import demo_world
from replay.made import feeds_world, made_world
from replay.recorded import recorded_world
from replay.server import ReplayServer, World


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="replay", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--demo", action="store_true", help="the demo's invented outlets")
    what.add_argument("--folder", type=Path, help="recorded pages and feeds, under the host names they came from")
    what.add_argument("--made", type=int, metavar="PAGES", help="generated outlets with that many pages")
    what.add_argument("--feeds", type=int, metavar="FEEDS", help="that many generated feeds, each on a host of its own")
    parser.add_argument("--mirrors", type=int, default=0, help="serve recorded hosts so many times more")
    parser.add_argument("--hosts", type=int, default=20, help="hosts of the generated pages")
    parser.add_argument("--items", type=int, default=20, help="items of a generated feed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="0 = any free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the demo publishes; 2 = twice as fast")
    parser.add_argument("--frozen", action="store_true", help="the demo has published everything at once")
    parser.add_argument("--for", type=float, dest="seconds", metavar="SECONDS", help="stop after so long")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input closes")
    return parser.parse_args(given)


def _world(arguments: argparse.Namespace) -> World:
    """The world asked for; its sources and what is true of it can be asked for under /__replay__/."""
    world = _chosen(arguments)
    for name in ("sources", "truth"):
        if hasattr(world, name):
            world.controls[name] = partial(_told, world, name)
    return world


def _told(world: World, name: str, arguments: Mapping[str, str]) -> object:
    del arguments
    return getattr(world, name)()


def _chosen(arguments: argparse.Namespace) -> World:
    if arguments.folder:
        return recorded_world(arguments.folder, arguments.mirrors)
    if arguments.made:
        return made_world(pages=arguments.made, hosts=arguments.hosts, seed=arguments.seed)
    if arguments.feeds:
        return feeds_world(feeds=arguments.feeds, items=arguments.items, seed=arguments.seed)
    return demo_world(lambda: datetime.now(UTC), arguments.speed, frozen=arguments.frozen)


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set `stop` at the end of standard input. os.read takes no lock that a dying interpreter would wait for."""
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):  # a signal came as well, and the loop has ended
        loop.call_soon_threadsafe(stop.set)


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with ReplayServer(_world(arguments), arguments.port) as server:
        sys.stdout.write(json.dumps({"port": server.port, "hosts": len(server.world.hosts)}) + "\n")
        sys.stdout.flush()
        if arguments.until_eof:
            threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), arguments.seconds)


def main(given: list[str] | None = None) -> None:
    """Serve until SIGTERM, SIGINT, `--for` seconds or the end of standard input."""
    asyncio.run(_serve(_arguments(given)))


if __name__ == "__main__":
    main()
