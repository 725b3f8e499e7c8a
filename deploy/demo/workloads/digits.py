"""Digits drawn by machine, and a small network that learns to read them. Pure Python; what train.py and serve.py share.

A digit is its 5 × 7 bitmap, moved by up to a pixel on a field of 7 × 9, with noise: 63 numbers.
"""
import math
import operator
import random

FONT = {
    0: "01110 10001 10011 10101 11001 10001 01110", 1: "00100 01100 00100 00100 00100 00100 01110",
    2: "01110 10001 00001 00010 00100 01000 11111", 3: "11111 00010 00100 00010 00001 10001 01110",
    4: "00010 00110 01010 10010 11111 00010 00010", 5: "11111 10000 11110 00001 00001 10001 01110",
    6: "00110 01000 10000 11110 10001 10001 01110", 7: "11111 00001 00010 00100 01000 01000 01000",
    8: "01110 10001 10001 01110 10001 10001 01110", 9: "01110 10001 10001 01111 00001 00010 01100",
}
FIELD_WIDTH, FIELD_HEIGHT = 7, 9
HIDDEN = 16


def draw(digit, rng, noise=0.25):
    field = [rng.gauss(0, noise) for _ in range(FIELD_WIDTH * FIELD_HEIGHT)]
    left, top = rng.randrange(3), rng.randrange(3)
    for y, row in enumerate(FONT[digit].split()):
        for x, pixel in enumerate(row):
            field[(y + top) * FIELD_WIDTH + x + left] += int(pixel)
    return field


def samples(count, seed):
    rng = random.Random(seed)
    digits = [i % 10 for i in range(count)]
    rng.shuffle(digits)
    return [(draw(digit, rng), digit) for digit in digits]


def dot(a, b):
    return sum(map(operator.mul, a, b))


class Network:
    """63 inputs, one hidden layer of tanh, softmax over ten digits."""

    def __init__(self, seed, first=None, second=None):
        rng = random.Random(seed)
        inputs = FIELD_WIDTH * FIELD_HEIGHT + 1
        self.first = first or [[rng.gauss(0, 0.1) for _ in range(inputs)] for _ in range(HIDDEN)]
        self.second = second or [[rng.gauss(0, 0.1) for _ in range(HIDDEN + 1)] for _ in range(10)]

    def forward(self, field):
        hidden = [math.tanh(dot(row, field) + row[-1]) for row in self.first]
        scores = [dot(row, hidden) + row[-1] for row in self.second]
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        return hidden, [power / total for power in powers]

    def learn(self, field, digit, rate):
        """One step of gradient descent on one sample; its cross-entropy before the step."""
        hidden, odds = self.forward(field)
        errors = [p - (i == digit) for i, p in enumerate(odds)]
        back = [sum(e * row[j] for e, row in zip(errors, self.second)) for j in range(HIDDEN)]
        for row, error in zip(self.second, errors):
            step = rate * error
            row[:] = [w - step * h for w, h in zip(row, hidden)] + [row[-1] - step]
        for row, h, error in zip(self.first, hidden, back):
            step = rate * error * (1 - h * h)
            row[:] = [w - step * x for w, x in zip(row, field)] + [row[-1] - step]
        return -math.log(max(odds[digit], 1e-12))

    def reads(self, field):
        odds = self.forward(field)[1]
        return odds.index(max(odds))


def accuracy(network, tests):
    return sum(network.reads(field) == digit for field, digit in tests) / len(tests)
