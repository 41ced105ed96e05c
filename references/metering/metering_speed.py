"""The set of metering_bench in numpy, at a frequency that is told: weighted V, I, P, S of three phases, and Q1.

metering_speed.py RATE   prints the millions of channel-samples a second, best of five. Source of the formulas: as
tapered_metering.hpp. The seconds are a view on the recording, so numpy too copies nothing but what it multiplies.
"""

import sys
import time

import numpy as np

ROWS = 4 * 1024 * 1024
FREQUENCY = 50.0


def weight(rate):
    """Of 1.2 s: a rectangle of 1 s with edges by (4-term Blackman-Harris) squared over 200 ms."""
    turn = 2 * np.pi * np.arange(rate // 5) / (rate // 5)
    kernel = (0.35875 - 0.48829 * np.cos(turn) + 0.14128 * np.cos(2 * turn) - 0.01168 * np.cos(3 * turn)) ** 2
    rise = np.cumsum(kernel) / kernel.sum()
    return np.concatenate([rise, np.ones(rate - rate // 5), 1 - rise])


def recording(rate):
    turn = 2 * np.pi * FREQUENCY * np.arange(ROWS) / rate
    lags = [2 * np.pi / 3 * k for k in range(3)] + [0.5 + 2 * np.pi / 3 * k for k in range(3)]
    return np.array([0.9 * (0.9 * np.cos(turn - lag) + 0.1 * np.cos(5 * (turn - lag))) for lag in lags])


def readings(samples, rate, w, carrier):
    result = []
    for first in range(0, samples.shape[1] - len(w) + 1, rate):
        second = samples[:, first : first + len(w)]
        weighted = second * w
        mean_square = np.einsum("kn,kn->k", weighted, second) / rate
        active = np.einsum("kn,kn->k", weighted[:3], second[3:]) / rate
        fundamental = weighted @ carrier * np.sqrt(2) / rate
        rms = np.sqrt(mean_square)
        q1 = (fundamental[:3] * fundamental[3:].conj()).imag
        result.append((rms, active, rms[:3] * rms[3:], q1))
    return result


def main():
    rate = int(sys.argv[1])
    samples, w = recording(rate), weight(rate)
    carrier = np.exp(-2j * np.pi * FREQUENCY * np.arange(len(w)) / rate)
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        found = readings(samples, rate, w, carrier)
        best = min(best, time.perf_counter() - begin)
    expected = 0.5 * 0.81 * (0.81 * np.cos(0.5) + 0.01 * np.cos(5 * 0.5))
    if abs(found[0][1][0] - expected) > 1e-9:
        sys.exit(f"metering_speed: P is {found[0][1][0]}, expected {expected}")
    print(f"{6 * ROWS / best / 1e6:.1f}")


if __name__ == "__main__":
    main()
