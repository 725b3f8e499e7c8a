"""How fast a job's files travel: against cp and a checksum on loopback, and over a long fat link.

A held job with one large file that does not compress is released, and says when it started at the other site: that is
a call, an award, the transfer, the layout in its folder and the start. One without files says what the rest costs.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../integration/federation"))
from sites import Site  # noqa: E402
from wan import Clock, Relay, raw_rate  # noqa: E402

MIB = 1 << 20


def make_file(path, size):
    with open("/dev/urandom", "rb") as noise, open(path, "wb") as file:
        for _ in range(size // MIB):
            file.write(noise.read(MIB))


def copy_and_checksum(path, size):
    begin = time.monotonic()
    subprocess.run(["cp", path, path + ".copy"], check=True)
    subprocess.run(["b2sum", "-l", "256", path + ".copy"], check=True, capture_output=True)
    elapsed = time.monotonic() - begin
    os.remove(path + ".copy")
    return size / elapsed


def two_sites(folder, wan=None):
    """An origin that can't run the job, and the host; between them the link, if one is given."""
    origin = Site(folder, "wujiang", ["name=tiny,nodes=1,cpus=1,memory_gb=1"])
    host = Site(folder, "taihu", ["name=cpu,nodes=1,cpus=4,memory_gb=4"])
    there, back = Clock(), Clock()
    for site, other, out, home in ((origin, host, there, back), (host, origin, back, there)):
        relays = [Relay(other.port + lane, out, home, *wan) for lane in (0, 1)] if wan else []
        site.know(other, [f"tcp://127.0.0.1:{relay.port}" for relay in relays] or None)
    for site in (origin, host):
        site.start()
    origin.sees(host)
    host.sees(origin)
    return origin, host


def start_after_release(origin, folder, words, name):
    mark = os.path.join(folder, "marks", f"started-{name}")
    job = origin.submit("--hold", "--sites", "taihu", "-c", "2", *words, "--", "sh", "-c", f"date +%s.%N > {mark}", cwd=folder)
    begin = time.time()
    released = origin.hansa("release", job)
    assert released.returncode == 0, released.stderr
    origin.wait_for(job, "COMPLETED")
    with open(mark, encoding="utf-8") as file:
        return float(file.read()) - begin


def bundle_rate(size, wan=None):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        marks = os.path.join(folder, "marks")
        os.mkdir(marks)
        os.chmod(marks, 0o777)  # jobs run as another user
        make_file(os.path.join(folder, "data"), size)
        local = copy_and_checksum(os.path.join(folder, "data"), size)
        origin, host = two_sites(folder, wan)
        try:
            empty = min(start_after_release(origin, folder, [], f"empty{i}") for i in range(3))
            loaded = start_after_release(origin, folder, ["--input", "data"], "loaded")
        finally:
            origin.kill()
            host.kill()
        return local, size / loaded, size / (loaded - empty), empty


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--mib", type=int, default=1024, help="size of the bundle")
    words.add_argument("--rtt-ms", type=float, default=50)
    words.add_argument("--mbit", type=float, default=1000)
    words.add_argument("--only", choices=["loopback", "wan"])
    args = words.parse_args()
    size = args.mib * MIB
    if args.only != "wan":
        local, whole, moving, empty = bundle_rate(size)
        print(f"bundle of {args.mib} MiB, loopback: {whole / MIB:.0f} MiB/s from release to start, {moving / MIB:.0f} "
              f"without the {empty:.2f} s of an empty job; cp and b2sum {local / MIB:.0f} MiB/s: {100 * moving / local:.0f} %")
    if args.only != "loopback":
        wan = (args.rtt_ms / 1000, args.mbit * 125_000)
        link = raw_rate(min(size, 512 * MIB), *wan)
        _, whole, moving, empty = bundle_rate(size, wan)
        print(f"bundle of {args.mib} MiB, {args.rtt_ms:.0f} ms and {args.mbit:.0f} Mbit/s: {moving * 8 / 1e6:.0f} Mbit/s "
              f"({whole * 8 / 1e6:.0f} with the {empty:.2f} s of an empty job); one plain TCP stream {link * 8 / 1e6:.0f}: "
              f"{100 * moving / link:.0f} % of it, {100 * moving / wan[1]:.0f} % of the link")


if __name__ == "__main__":
    main()
