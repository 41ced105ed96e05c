#!/usr/bin/python3 -B
"""pymodbus and mbpoll read the simulated Series 4000-K over its pseudo-terminal, and so does our own driver.

Two arguments come first: the programs `blondel` and `read_points`. What is expected comes from what the simulated
Fluke is set to by pyvisa, from the meter's manual and from the MODBUS application protocol V1.1b3.
"""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import unittest

from served_bench import ServedBench, main, until  # first: it says which package is missing
from series_4000_k_points import BLOCKS, one_count, points, value, values

import pyvisa
from pymodbus.client import ModbusSerialClient
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest

UNIT = 1
# The point: three phases, the CT substitute's 5 A stand for the meter's factory CT primary of 100 A.
VOLTS, PRIMARY_AMPERES, LAG_DEGREES, HERTZ = 240, 100, 60, 60
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
# A busy machine may be slow, but not this slow.
ANSWER_WITHIN_S, PROGRAM_WITHIN_S, STEADY_WITHIN_S = 10, 60, 60


def set_source(visa, address):
    fluke = visa.open_resource(address, read_termination="\n", write_termination="\n", timeout=20_000)
    for phase, degrees in ((1, 0), (2, -120), (3, 120)):
        for command in (f"VOLT:RANG 0,{VOLTS}", "CURR:RANG 0.5,5", f"VOLT:MHAR:HARM1 {VOLTS},{degrees}",
                        f"CURR:MHAR:HARM1 5,{-LAG_DEGREES}", "VOLT:STAT 1", "CURR:STAT 1"):
            fluke.write(f"SOUR:PHAS{phase}:{command}")
    fluke.write(f"SOUR:FREQ {HERTZ}")
    fluke.write("OUTP:STAT ON")
    assert fluke.query("OUTP:STAT?") == "1", fluke.query("SYST:ERR?")
    fluke.close()


class Series4000K(unittest.TestCase):
    read_points = None

    @classmethod
    def setUpClass(cls):
        cls.bench = cls.enterClassContext(ServedBench(ServedBench.program))
        cls.device = cls.bench.links[1]
        visa = pyvisa.ResourceManager("@py")
        set_source(visa, cls.bench.addresses["fluke-6105a"])
        visa.close()

        def steady():
            with cls.client() as client:
                now = values(cls.sweep(client.read_holding_registers))
            return (abs(now["voltage_ln_avg_f"] / VOLTS - 1) < 0.005
                    and abs(now["current_avg_f"] / PRIMARY_AMPERES - 1) < 0.005)

        until("an answer of the meter", cls.answers, STEADY_WITHIN_S)
        with cls.client() as client:
            answer = client.write_register(131, 3, slave=UNIT)  # the CT substitutes give 1/3 V
            assert not answer.isError(), answer
        until("steady readings", steady, STEADY_WITHIN_S)

    @classmethod
    def client(cls, timeout_s=ANSWER_WITHIN_S):
        """A pymodbus client, connected and for a with statement: a line has one master at a time."""
        client = ModbusSerialClient(cls.device, baudrate=19200, parity="N", stopbits=1, timeout=timeout_s, retries=0)
        assert client.connect(), f"pymodbus cannot open {cls.device}"
        return client

    @classmethod
    def answers(cls):
        with cls.client(timeout_s=1) as client:
            return not client.read_holding_registers(7000, 1, slave=UNIT).isError()

    @classmethod
    def sweep(cls, read):
        """All blocks by one of pymodbus's functions: 16-bit words by printed register number."""
        words = {}
        for first, count in BLOCKS:
            answer = read(first - 1, count, slave=UNIT)
            assert not answer.isError(), f"{count} registers from {first}: {answer}"
            words |= {first + offset: word for offset, word in enumerate(answer.registers)}
        return words

    def mbpoll(self, *arguments):
        """mbpoll's exit code and what it printed."""
        done = subprocess.run(["mbpoll", "-m", "rtu", "-b", "19200", "-P", "none", "-a", str(UNIT), "-o", "10", "-1",
                               *map(str, arguments[:-1]), self.device, *map(str, arguments[-1])],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PROGRAM_WITHIN_S)
        return done.returncode, done.stdout + done.stderr

    def mbpoll_reads(self, kind, first, count):
        """The values of one request, as printed, by register number."""
        code, said = self.mbpoll("-t", kind, "-B", "-r", first, "-c", count, [])
        read = {int(number): text for number, text in re.findall(r"^\[(\d+)\]:\s*(\S+)", said, re.M)}
        self.assertEqual((code, len(read)), (0, count), said)
        return read

    def mbpoll_sweep(self, table):
        words = {}
        for first, count in BLOCKS:
            words |= {n: int(text, 16) for n, text in self.mbpoll_reads(f"{table}:hex", first, count).items()}
        return words

    def driver_reads(self):
        names = [point["name"] for point in points()]
        done = subprocess.run([self.read_points, self.device, *names], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PROGRAM_WITHIN_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {name: math.nan if read is None else read for name, read in json.loads(done.stdout).items()}

    def test_all_clients_and_our_driver_read_the_same(self):
        with self.client() as client:
            before = self.sweep(client.read_holding_registers)
            by = {"pymodbus, function 04": values(self.sweep(client.read_input_registers))}
        by["mbpoll, function 03"] = values(self.mbpoll_sweep(4))
        by["mbpoll, function 04"] = values(self.mbpoll_sweep(3))
        by["our driver"] = self.driver_reads()
        with self.client() as client:
            after = self.sweep(client.read_holding_registers)
        self.assertEqual(sum(point["words"] for point in points()), sum(count for _, count in BLOCKS), "every register")
        for point in points():
            name = point["name"]
            first, last = value(point, before), value(point, after)
            # Readings are renewed every second and the source flutters by 20 ppm; energies only rise. A count may turn.
            near = 3e-4 * abs(first) + (one_count(point, before) if first != last else 0)
            for who, read in by.items():
                with self.subTest(point=name, by=who):
                    if math.isnan(first):
                        self.assertTrue(math.isnan(read[name]), read[name])
                    else:
                        self.assertLessEqual(min(first, last) - near, read[name])
                        self.assertLessEqual(read[name], max(first, last) + near)

    def test_readings_are_what_the_source_is_set_to(self):
        with self.client() as client:
            read = values(self.sweep(client.read_holding_registers))
        cosine, sine = math.cos(math.radians(LAG_DEGREES)), math.sin(math.radians(LAG_DEGREES))
        kva = VOLTS * PRIMARY_AMPERES / 1000
        expected = {"voltage_{}n": VOLTS, "current_{}": PRIMARY_AMPERES, "real_power_{}": kva * cosine,
                    "reactive_power_{}": kva * sine, "apparent_power_{}": kva, "power_factor_{}": cosine}
        expected = {name.format(phase): x for name, x in expected.items() for phase in "abc"}
        expected |= {"real_power_total": 3 * kva * cosine, "apparent_power_total": 3 * kva, "frequency": HERTZ,
                     "voltage_ab": VOLTS * math.sqrt(3), "voltage_ll_avg": VOLTS * math.sqrt(3)}
        for name, x in expected.items():
            for point in (name, name + "_f"):
                with self.subTest(point=point):
                    # Class 0.5 at power factor 1, and what 0.3 mrad and the last figure add at 0.5.
                    self.assertAlmostEqual(read[point] / x, 1, delta=0.01)
        self.assertGreater(read["real_energy_f"], 0)

    def test_mbpolls_own_floats_are_the_readings(self):
        read = self.mbpoll_reads("4:float", 293, 6)
        for register in (293, 295, 297):
            self.assertAlmostEqual(float(read[register]) / VOLTS, 1, delta=0.005)
        for register in (299, 301, 303):
            self.assertAlmostEqual(float(read[register]) / PRIMARY_AMPERES, 1, delta=0.005)
        self.assertEqual(self.mbpoll_reads("4:float", 305, 1)[305].lower().lstrip("+-"), "nan")
        self.assertEqual(int(self.mbpoll_reads("4:hex", 25, 1)[25], 16), 0x8000)

    def becomes(self, first, expected):
        """Settings are taken over at the end of a second."""

        def read():
            with self.client() as client:
                answer = client.read_holding_registers(first - 1, len(expected), slave=UNIT)
            return not answer.isError() and answer.registers == expected

        until(f"{expected} in the registers from {first}", read, 30)

    def test_settings_are_written_one_by_one_and_several_at_once(self):
        with self.client() as client:
            answer = client.write_register(141, 17, slave=UNIT)
            self.assertFalse(answer.isError(), answer)
            self.assertEqual((answer.function_code, answer.address, answer.value), (6, 141, 17))
        self.becomes(142, [17])
        with self.client() as client:
            answer = client.write_registers(141, [21, 33, 100], slave=UNIT)
            self.assertFalse(answer.isError(), answer)
            self.assertEqual((answer.function_code, answer.address, answer.count), (16, 141, 3))
        self.becomes(142, [21, 33, 100])
        code, said = self.mbpoll("-t", 4, "-r", 142, [11])
        self.assertEqual(code, 0, said)
        code, said = self.mbpoll("-t", 4, "-r", 143, [26, 1000])
        self.assertEqual(code, 0, said)
        self.becomes(142, [11, 26, 1000])

    def test_what_the_meter_cannot_do_is_an_exception_with_the_protocols_code(self):
        with self.client() as client:
            before = client.read_holding_registers(141, 2, slave=UNIT).registers
            for code, ask in (
                    (ILLEGAL_FUNCTION, lambda: client.read_coils(0, 1, slave=UNIT)),
                    (ILLEGAL_FUNCTION, lambda: client.write_coil(0, True, slave=UNIT)),
                    (ILLEGAL_FUNCTION, lambda: client.mask_write_register(141, 0xFFFF, 0, unit=UNIT)),
                    (ILLEGAL_ADDRESS, lambda: client.read_holding_registers(52, 1, slave=UNIT)),
                    (ILLEGAL_ADDRESS, lambda: client.read_input_registers(51, 2, slave=UNIT)),
                    (ILLEGAL_ADDRESS, lambda: client.read_holding_registers(65535, 1, slave=UNIT)),
                    (ILLEGAL_ADDRESS, lambda: client.write_register(0, 1, slave=UNIT)),
                    (ILLEGAL_ADDRESS, lambda: client.write_registers(143, [1000, 500], slave=UNIT)),
                    (ILLEGAL_VALUE, lambda: client.read_holding_registers(0, 126, slave=UNIT)),
                    (ILLEGAL_VALUE, lambda: client.write_register(141, 0, slave=UNIT)),
                    (ILLEGAL_VALUE, lambda: client.write_register(128, 12345, slave=UNIT)),
                    (ILLEGAL_VALUE, lambda: client.write_registers(141, [20, 100], slave=UNIT))):
                answer = ask()
                self.assertTrue(answer.isError(), answer)
                self.assertEqual(getattr(answer, "exception_code", None), code, answer)
            self.assertEqual(client.read_holding_registers(141, 2, slave=UNIT).registers, before)
        code, said = self.mbpoll("-t", 4, "-r", 53, "-c", 1, [])
        self.assertIn("Illegal data address", said)

    def test_nobody_answers_at_another_address(self):
        with self.client(timeout_s=1) as client:
            answer = client.read_holding_registers(0, 1, slave=UNIT + 1)
            self.assertTrue(answer.isError() and not hasattr(answer, "exception_code"), answer)
        # A bench that stood still so long finds two requests on the line at once, and then nobody can take them apart.
        until("an answer of the meter itself", self.answers, STEADY_WITHIN_S)

    def test_the_meter_tells_who_it_is(self):
        with self.client() as client:
            answer = client.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=UNIT))
            self.assertFalse(answer.isError(), answer)
            self.assertEqual((answer.read_code, answer.conformity & 0x7F, answer.more_follows), (1, 1, 0))
            version = client.read_holding_registers(7000, 1, slave=UNIT).registers[0]
            self.assertEqual(answer.information, {0: b"Leviton", 1: b"Series 4000",
                                                  2: b"V%02d.%03d" % divmod(version, 1000)})
            answer = client.execute(ReportSlaveIdRequest(unit=UNIT))
            self.assertFalse(answer.isError(), answer)
            # The family's number, "runs", and a text; pymodbus looks for "runs" at the end and is of no help there.
            self.assertEqual(answer.identifier[:2], bytes((247, 255)))
            self.assertRegex(answer.identifier[2:].decode(), r"^Leviton Series 4000")
        code, said = self.mbpoll("-u", [])
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"Id\s*: 0xF7\nStatus: On\nData\s*: Leviton Series 4000")


if __name__ == "__main__":
    if len(sys.argv) < 3 or not os.access(sys.argv[2], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} BLONDEL READ_POINTS [unittest arguments]: the programs come first")
    if not shutil.which("mbpoll"):
        sys.exit("the program mbpoll is missing; ci/setup installs the package mbpoll")
    Series4000K.read_points = os.path.abspath(sys.argv.pop(2))
    main()
