#!/usr/bin/env python3
"""A meter in Python that joins the bench over the link (drivers/sim/meter/link.md), with the standard library alone.

It measures voltage, current and power of each second and answers Modbus RTU (19200 8N1, unit 1), as smallest_meter.c
does. The bench starts it with the link's socket on descriptor 3 and the shared memory on descriptor 4.
"""

import bisect
import math
import mmap
import operator
import socket
import struct
import sys

HELLO, WELCOME, GRANT, DONE, ERROR, STOP = 1, 2, 3, 4, 5, 6
GRANT_HEAD = struct.Struct("<IIQqIId")
DONE_HEAD = struct.Struct("<IIQqQIIIII")
STAMPED_BYTE = struct.Struct("<qI")

SAMPLES_PER_SECOND = 2520
VOLTS_PER_CODE = 720.0 / 2**23
CT_VOLTS_PER_CODE = 2.4 / 2**23
CHARACTER_NS = 520833  # ten bits at 19200 baud
SILENCE_NS = CHARACTER_NS * 7 // 2

POWER_UP_COUNT, REAL_POWER_KW, VOLTAGE_LN_AVG, CURRENT_AVG, REGISTERS = 151, 260, 270, 272, 346
FIRMWARE_VERSION = 7000
NAME = b"Leviton Series 4000 Python meter"


def with_crc(frame):
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return frame + struct.pack("<H", crc)


class Meter:
    def __init__(self, store, settings):
        self.amperes_per_volt = 100 / float(settings.get("one_third_volt", 1 / 3))  # of its current transformers
        self.registers = bytearray(2 * REGISTERS)  # as Modbus has them: high byte first
        self.codes = []  # of the running second, six a sample
        self.frame = b""
        count = (int.from_bytes(store[:2], "little") + 1) % 65536 or 1  # erased (0xFFFF): the first time in its life
        store[:2] = count.to_bytes(2, "little")
        struct.pack_into(">H", self.registers, 2 * POWER_UP_COUNT, count)

    def sample(self, codes):
        """Takes samples, six codes each."""
        self.codes += codes
        whole = 6 * SAMPLES_PER_SECOND
        while len(self.codes) >= whole:
            self.end_of_second(self.codes[:whole])
            del self.codes[:whole]

    def end_of_second(self, codes):
        channels = [codes[k::6] for k in range(6)]
        rms = [math.sqrt(sum(map(operator.mul, c, c)) / SAMPLES_PER_SECOND) for c in channels]
        product = sum(sum(map(operator.mul, channels[k], channels[k + 3])) for k in range(3)) / SAMPLES_PER_SECOND
        watts = product * VOLTS_PER_CODE * CT_VOLTS_PER_CODE * self.amperes_per_volt
        self.put_float(VOLTAGE_LN_AVG, sum(rms[:3]) / 3 * VOLTS_PER_CODE)
        self.put_float(CURRENT_AVG, sum(rms[3:]) / 3 * CT_VOLTS_PER_CODE * self.amperes_per_volt)
        self.put_float(REAL_POWER_KW, watts / 1000)

    def put_float(self, address, value):
        struct.pack_into(">f", self.registers, 2 * address, value)

    def answer(self):
        """The answer to the frame that has ended, or nothing."""
        frame, self.frame = self.frame, b""
        if len(frame) < 4 or frame[0] != 1 or with_crc(frame[:-2]) != frame:
            return b""
        if frame[1] == 0x11:
            return with_crc(bytes([1, 0x11, 2 + len(NAME), 1, 0xFF]) + NAME)
        if frame[1] != 3 or len(frame) != 8:
            return with_crc(bytes([1, frame[1] | 0x80, 1]))
        first, count = struct.unpack(">HH", frame[2:6])
        if (first, count) == (FIRMWARE_VERSION, 1):
            words = struct.pack(">H", 1000)
        else:
            words = self.registers[2 * first : 2 * (first + count)]
        if not 1 <= count <= 125 or len(words) != 2 * count:
            return with_crc(bytes([1, 0x83, 2]))
        return with_crc(bytes([1, 3, len(words)]) + words)


def main():
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=3)
    link.send(struct.pack("<III64s", HELLO, 1, 1, b"Python meter 1.000"))
    welcome = link.recv(65536)
    if len(welcome) < 28 or struct.unpack_from("<I", welcome)[0] != WELCOME:
        return  # STOP, or the bench is gone
    _, position, power_up, capacity, store_size, _ = struct.unpack_from("<IiqIII", welcome)
    memory = memoryview(mmap.mmap(4, 32 * capacity + store_size))
    instants = memory[: 8 * capacity].cast("q")
    codes = memory[8 * capacity : 32 * capacity].cast("i")
    texts = welcome[28:].decode().split("\0")  # key, value, key, value, ...
    meter = Meter(memory[32 * capacity :], dict(zip(texts[0::2], texts[1::2])))
    entries, last_byte = 0, power_up

    while True:
        message = link.recv(65536)
        if len(message) < GRANT_HEAD.size:
            return  # STOP, or the bench is gone
        _, flags, sequence, until, samples, count, temperature = GRANT_HEAD.unpack_from(message)
        arrived = list(STAMPED_BYTE.iter_unpack(message[GRANT_HEAD.size :]))

        # Byte by byte; where the line has been silent for long enough in between, or up to the end, a frame has ended.
        reached, sent, used, taken = until, b"", 0, 0
        while not sent:
            next_at = arrived[used][0] if used < count else until
            if meter.frame and next_at >= last_byte + SILENCE_NS:
                ended = last_byte + SILENCE_NS
                measured = bisect.bisect_right(instants, ended, taken, samples)
                meter.sample(codes[6 * taken : 6 * measured].tolist())
                taken, sent = measured, meter.answer()
                if sent:
                    reached = ended
            elif used < count:
                last_byte = next_at
                meter.frame += bytes([arrived[used][1]])
                used += 1
            else:
                break
        if not sent:
            meter.sample(codes[6 * taken : 6 * samples].tolist())
            taken = samples
        entries += taken

        done = DONE_HEAD.pack(DONE, 1, sequence, reached, entries, taken, used, 0, len(sent), 0)
        for n, byte in enumerate(sent):
            done += STAMPED_BYTE.pack(reached + (n + 1) * CHARACTER_NS, byte)
        link.send(done)
        if flags & 1 and reached == until and not sent:
            return  # the supply has failed


if __name__ == "__main__":
    sys.exit(main())
