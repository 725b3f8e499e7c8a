"""Joins PNG frames of one size into one animated PNG, which every browser opens.

usage: assemble.py FILE FRAME…  (in the order of their names)
"""
import struct
import sys
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
FRAMES_A_SECOND = 12


def chunks_of(data):
    """Kind and content of each chunk; a wrong checksum or a torn file is an error."""
    if not data.startswith(SIGNATURE):
        raise ValueError("it is no PNG file")
    at = len(SIGNATURE)
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + size]
        (wanted,) = struct.unpack_from(">I", data, at + 8 + size)
        if zlib.crc32(kind + body) != wanted:
            raise ValueError(f"its {kind.decode()} chunk is damaged")
        yield kind, body
        at += 12 + size


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def animation_of(frames):
    header = dict(chunks_of(frames[0]))[b"IHDR"]
    width, height = struct.unpack_from(">II", header)
    yield SIGNATURE + chunk(b"IHDR", header) + chunk(b"acTL", struct.pack(">II", len(frames), 0))
    number = 0
    for i, frame in enumerate(frames):
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, FRAMES_A_SECOND, 0, 0)
        pixels = b"".join(body for kind, body in chunks_of(frame) if kind == b"IDAT")
        number += 1
        yield chunk(b"fcTL", control)
        if i == 0:
            yield chunk(b"IDAT", pixels)
        else:
            yield chunk(b"fdAT", struct.pack(">I", number) + pixels)
            number += 1
    yield chunk(b"IEND", b"")


def main():
    frames = []
    for name in sorted(sys.argv[2:]):
        with open(name, "rb") as file:
            frames.append(file.read())
    with open(sys.argv[1], "wb") as out:
        out.write(b"".join(animation_of(frames)))
    print(f"{len(frames)} frames in {sys.argv[1]}")


if __name__ == "__main__":
    main()
