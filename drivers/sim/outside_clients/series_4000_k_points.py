"""The register map as data, and Python's own reading of the registers."""

import csv
import math
import struct

from served_bench import REPOSITORY

# What the meter has: readings, settings, readings as floats, version. Between them the map has gaps.
BLOCKS = ((1, 52), (129, 26), (257, 90), (7001, 1))
NO_VALUE = {"uint16": 0x8000, "uint32": 0x80000000, "float32": 0x7FC00000}
# The registers that tell the powers of ten of currents, voltages, powers and energies.
SCALES = {"I": 138, "V": 139, "W": 140, "E": 141}


def points():
    """The rows of the register map that lie in BLOCKS and are one value."""
    with open(REPOSITORY / "references" / "register_maps" / "series_4000_k.csv", newline="") as file:
        rows = [row | {"register": int(row["register"]), "words": int(row["words"])} for row in csv.DictReader(file)]
    return [row for row in rows if any(first <= row["register"] < first + count for first, count in BLOCKS)]


def is_measured(point):
    """Whether it may be without a value; an alert bitmap of 0x8000 is bit 15 and not `no value`."""
    return point["register"] < 129 or 257 <= point["register"] <= 346


def one_count(point, words):
    """What the last figure of an integer is worth."""
    if point["format"] == "float32" or point["scale"] in ("none", ""):
        return 1.0 if point["format"] != "float32" else 0.0
    if point["scale"] in SCALES:
        return 10.0 ** struct.unpack(">h", struct.pack(">H", words[SCALES[point["scale"]]]))[0]
    return float(point["scale"])


def value(point, words):
    """What the registers say; NaN where they say `no value`.

    words: 16-bit words by printed register number. The most significant word comes first.
    """
    raw = 0
    for offset in range(point["words"]):
        raw = raw << 16 | words[point["register"] + offset]
    if is_measured(point) and raw == NO_VALUE.get(point["format"]):
        return math.nan
    if point["format"] == "float32":
        return struct.unpack(">f", struct.pack(">I", raw))[0]
    if point["format"] == "sint16":
        raw = struct.unpack(">h", struct.pack(">H", raw))[0]
    return raw * one_count(point, words)


def values(words):
    return {point["name"]: value(point, words) for point in points()}
