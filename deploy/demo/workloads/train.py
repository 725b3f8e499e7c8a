"""Trains a small network to read digits; prints the loss of each epoch, leaves weights.json and metrics.json.

usage: train.py EPOCHS SEED
"""
import json
import os
import sys

from digits import Network, accuracy, samples


def main():
    epochs, seed = int(sys.argv[1]), int(sys.argv[2])
    network, training, tests = Network(seed), samples(800, seed), samples(200, seed + 1)
    losses = []
    for epoch in range(epochs):
        losses.append(sum(network.learn(field, digit, 0.02) for field, digit in training) / len(training))
        print(f"epoch {epoch + 1} of {epochs}: loss {losses[-1]:.4f}", flush=True)
    devices = os.environ.get("CUDA_VISIBLE_DEVICES") or os.environ.get("ASCEND_VISIBLE_DEVICES") or ""
    metrics = {"losses": losses, "accuracy": accuracy(network, tests), "site": os.environ.get("HANSA_SITE", ""),
               "devices": devices}
    with open("weights.json", "w") as out:
        json.dump({"first": network.first, "second": network.second}, out)
    with open("metrics.json", "w") as out:
        json.dump(metrics, out)
    print(f"reads {metrics['accuracy']:.0%} of unseen digits; devices {devices or 'none'}")


if __name__ == "__main__":
    main()
