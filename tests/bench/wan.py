"""A long fat link on loopback: a TCP relay that delays what passes by a fixed time and lets through so much a second.

netem does the same for real links, where the kernel has it. Each direction of each connection has a reader, which
stamps what it reads with the time at which a link of that rate would have brought it to the other end, and a writer,
which waits for that time. What is under way is bounded, as the buffers of a link are.
"""
import collections
import socket
import threading
import time

PIECE = 256 * 1024


class Direction:
    def __init__(self, source, sink, delay_s, bytes_per_s, clock):
        self.source, self.sink, self.delay_s, self.bytes_per_s, self.clock = source, sink, delay_s, bytes_per_s, clock
        self.most = int(2 * delay_s * bytes_per_s) + 8 * PIECE
        self.under_way = collections.deque()
        self.bytes = 0
        self.changed = threading.Condition()
        for work in (self.read, self.write):
            threading.Thread(target=work, daemon=True).start()

    def read(self):
        piece = b" "
        while piece:
            try:
                piece = self.source.recv(PIECE)
            except OSError:
                piece = b""
            with self.changed:
                self.changed.wait_for(lambda: self.bytes < self.most)
                arrives = self.clock.sent(len(piece), self.bytes_per_s) + self.delay_s
                self.under_way.append((arrives, piece))
                self.bytes += len(piece)
                self.changed.notify_all()

    def write(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.under_way)
                arrives, piece = self.under_way.popleft()
            time.sleep(max(0.0, arrives - time.monotonic()))
            try:
                if not piece:
                    self.sink.shutdown(socket.SHUT_WR)
                    return
                self.sink.sendall(piece)
            except OSError:
                self.source.close()
                return
            with self.changed:
                self.bytes -= len(piece)
                self.changed.notify_all()


class Clock:
    """When a link, all connections of one direction together, has sent what it was given."""

    def __init__(self):
        self.lock = threading.Lock()
        self.free_at = 0.0

    def sent(self, count, bytes_per_s):
        with self.lock:
            self.free_at = max(self.free_at, time.monotonic()) + count / bytes_per_s
            return self.free_at


class Relay:
    """Listens on a port of its own for one target; `there` and `back` are the link's two directions."""

    def __init__(self, target, there, back, rtt_s, bytes_per_s):
        self.target, self.there, self.back = target, there, back
        self.rtt_s, self.bytes_per_s = rtt_s, bytes_per_s
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                if self.listener.fileno() < 0:
                    return
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Direction(near, far, self.rtt_s / 2, self.bytes_per_s, self.there)
            Direction(far, near, self.rtt_s / 2, self.bytes_per_s, self.back)

    def close(self):
        self.listener.close()


def raw_rate(size, rtt_s, bytes_per_s):
    """Bytes a second of one plain TCP stream over such a link."""
    sink = socket.create_server(("127.0.0.1", 0))
    relay = Relay(sink.getsockname()[1], Clock(), Clock(), rtt_s, bytes_per_s)
    came = [0]

    def take():
        end, _ = sink.accept()
        while piece := end.recv(PIECE):
            came[0] += len(piece)
        end.close()

    taker = threading.Thread(target=take)
    taker.start()
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", relay.port)) as out:
        piece = bytes(PIECE)
        for _ in range(size // PIECE):
            out.sendall(piece)
        out.shutdown(socket.SHUT_WR)
        taker.join()
    elapsed = time.monotonic() - begin
    relay.close()
    sink.close()
    return came[0] / elapsed
