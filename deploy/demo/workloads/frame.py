"""Renders one frame of a short animation on the CPU: three spheres over a chequered floor, ray traced, as PNG.

usage: frame.py FRAME FRAMES FILE. Pure Python, so that it runs on any host as it came.
"""
import math
import struct
import sys
import zlib

WIDTH, HEIGHT = 400, 240
LIGHT = (0.45, 0.80, -0.40)
COLOURS = ((230, 70, 60), (70, 160, 235), (245, 190, 60))


def spheres_at(turn):
    """Centre, radius and colour of each sphere, `turn` of the way round their circle."""
    found = []
    for i, colour in enumerate(COLOURS):
        angle = 2 * math.pi * (turn + i / len(COLOURS))
        height = 0.6 + 0.35 * abs(math.sin(angle * 1.5))
        found.append(((1.5 * math.cos(angle), height, 4.2 + 1.5 * math.sin(angle)), 0.6, colour))
    return found


def hit(origin, ray, spheres):
    """The nearest sphere that the ray meets and how far away, or None."""
    ox, oy, oz = origin
    dx, dy, dz = ray
    nearest, best = None, 1e9
    for sphere in spheres:
        (cx, cy, cz), radius, _ = sphere
        lx, ly, lz = cx - ox, cy - oy, cz - oz
        along = lx * dx + ly * dy + lz * dz
        if along < 0:
            continue
        inside = radius * radius - (lx * lx + ly * ly + lz * lz - along * along)
        if inside < 0:
            continue
        distance = along - math.sqrt(inside)
        if 1e-3 < distance < best:
            nearest, best = sphere, distance
    return (nearest, best) if nearest else None


def sky(dy):
    return (150 - 60 * dy, 190 - 50 * dy, 235)


def colour_of(origin, ray, spheres, depth):
    ox, oy, oz = origin
    dx, dy, dz = ray
    met = hit(origin, ray, spheres)
    if met:
        (centre, radius, colour), distance = met
        point = (ox + dx * distance, oy + dy * distance, oz + dz * distance)
        normal = tuple((p - c) / radius for p, c in zip(point, centre))
        own = 0.6
    elif dy < -1e-4 and -oy / dy < 30:
        distance = -oy / dy
        point = (ox + dx * distance, 0.0, oz + dz * distance)
        normal = (0.0, 1.0, 0.0)
        colour = (235, 235, 235) if (math.floor(point[0]) + math.floor(point[2])) % 2 else (60, 70, 80)
        own = 0.8
    else:
        return sky(dy)
    facing = max(0.0, sum(n * l for n, l in zip(normal, LIGHT)))
    if facing and hit(point, LIGHT, spheres):
        facing = 0.0
    brightness = 0.25 + 0.75 * facing
    lit = tuple(c * brightness for c in colour)
    if depth == 0:
        return lit
    turn = 2 * (dx * normal[0] + dy * normal[1] + dz * normal[2])
    mirrored = (dx - turn * normal[0], dy - turn * normal[1], dz - turn * normal[2])
    seen = colour_of(point, mirrored, spheres, depth - 1)
    return tuple(own * a + (1 - own) * b for a, b in zip(lit, seen))


def rows_of(frame, frames):
    spheres = spheres_at(frame / frames)
    eye = (0.0, 1.3, -1.5)
    for y in range(HEIGHT):
        row = bytearray([0])  # PNG: this row is not filtered
        for x in range(WIDTH):
            dx, dy, dz = (x - WIDTH / 2) / WIDTH, (HEIGHT / 2 - y) / WIDTH - 0.06, 0.75
            length = math.sqrt(dx * dx + dy * dy + dz * dz)
            colour = colour_of(eye, (dx / length, dy / length, dz / length), spheres, 2)
            row += bytes(max(0, min(255, int(c))) for c in colour)
        yield bytes(row)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    frame, frames, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    pixels = b"".join(rows_of(frame, frames))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    with open(name, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 9)) +
                  chunk(b"IEND", b""))
    print(f"frame {frame} of {frames}: {WIDTH}x{HEIGHT}")


if __name__ == "__main__":
    main()
