"""A network on loopback whose links can be cut, stopped, slowed and spoken to by strangers.

Each directed link (who dials -> who is dialled) has a TCP proxy of its own for each lane. A partition can't lose bytes
out of the middle of a TCP stream, and a real one doesn't either: what was sent is held back and comes, late, when the
network heals, unless the connection was given up meanwhile. So a black hole here stops reading, and a cut closes and
refuses. One direction of a pair of sites alone can be stopped, on whichever connection it travels.
"""
import asyncio
import random
import threading

CHUNK = 64 * 1024
REMEMBERED = 64 * 1024  # bytes of a connection's beginning that can be said again


class Flow:
    """What one site sends another, on every connection between the two."""

    def __init__(self):
        self.open = asyncio.Event()
        self.open.set()
        self.delay_s = 0.0


class Link:
    """One lane of one directed link: a listening port, and the port of the site behind it."""

    def __init__(self, network, dialler, dialled, target):
        self.network, self.dialler, self.dialled, self.target = network, dialler, dialled, target
        self.port = None
        self.server = None
        self.writers = set()
        self.heard = []  # beginnings of what the dialler said, to be repeated

    async def listen(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port or 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self):
        if self.server:
            self.server.close()
            self.server = None
        for writer in list(self.writers):
            writer.transport.abort()

    async def heal(self):
        if not self.server:
            await self.listen()

    async def serve(self, reader, writer):
        there, back = self.network.flow(self.dialler, self.dialled), self.network.flow(self.dialled, self.dialler)
        self.writers.add(writer)
        ends = [writer]
        try:
            await there.open.wait()
            await back.open.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            ends.append(far_writer)
            self.writers.add(far_writer)
            said = bytearray()
            self.heard = self.heard[-7:] + [said]
            pumps = [asyncio.ensure_future(pump(reader, far_writer, there, said)),
                     asyncio.ensure_future(pump(far_reader, writer, back))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for each in pumps:
                each.cancel()
        except OSError:
            pass  # the site behind it is down: the dialler sees a connection that closes
        finally:
            for each in ends:
                self.writers.discard(each)
                each.transport.abort()

    async def repeat(self):
        """Says again to the dialled site what was said to it before, as one would who recorded it."""
        said = bytes(random.choice(self.heard)) if self.heard else b""
        if not said:
            return False
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
            writer.write(said)
            await asyncio.wait_for(reader.read(CHUNK), 1.0)
            writer.transport.abort()
        except (OSError, asyncio.TimeoutError):
            pass
        return True


async def pump(reader, writer, flow, said=None):
    try:
        while True:
            await flow.open.wait()
            chunk = await reader.read(CHUNK)
            if not chunk:
                return
            if said is not None and len(said) < REMEMBERED:
                said += chunk
            if flow.delay_s:
                await asyncio.sleep(flow.delay_s)
            await flow.open.wait()
            writer.write(chunk)
            await writer.drain()
    except OSError:
        return


class Proxies:
    """The network that sites are wired through. Every call may come from any thread."""

    kind = "proxies on loopback"

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.flows, self.links = {}, {}
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def flow(self, speaker, listener):
        return self.flows[speaker, listener]

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    # A site's place in the network: where it listens, and what its programs are started with.
    def address(self, name):
        return "127.0.0.1"

    def inside(self, name):
        return []

    def join(self, sites):
        self.do(self._join(sites))

    async def _join(self, sites):
        for one in sites:
            for other in sites:
                if one is other:
                    continue
                self.flows[one.name, other.name] = Flow()
                lanes = [Link(self, one.name, other.name, other.port + lane) for lane in (0, 1)]
                for lane in lanes:
                    await lane.listen()
                self.links[one.name, other.name] = lanes

    def endpoint(self, dialler, dialled, lane):
        return f"tcp://127.0.0.1:{self.links[dialler, dialled][lane].port}"

    def cut(self, one, other):
        """Connections between the two close, and new ones are refused."""
        for pair in ((one, other), (other, one)):
            for lane in self.links[pair]:
                self.do(lane.cut())

    def stop(self, speaker, listener):
        """What the speaker sends doesn't arrive; what it is sent does."""
        self.loop.call_soon_threadsafe(self.flow(speaker, listener).open.clear)

    def heal(self, one, other):
        for pair in ((one, other), (other, one)):
            self.loop.call_soon_threadsafe(self.flows[pair].open.set)
            for lane in self.links[pair]:
                self.do(lane.heal())

    def slow(self, speaker, listener, delay_s):
        self.flow(speaker, listener).delay_s = delay_s
        return True

    def repeat(self, dialler, dialled):
        return any(self.do(lane.repeat()) for lane in self.links[dialler, dialled])

    def close(self):
        for lanes in self.links.values():
            for lane in lanes:
                self.do(lane.cut())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
