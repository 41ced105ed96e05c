#!/usr/bin/python3 -B
"""pymodbus and mbpoll talk to two simulated meters that share one RS-485 bus, over its one pseudo-terminal.

The program `blondel` comes first on the command line. What is expected comes from the meter's manual and from the MODBUS
application protocol V1.1b3.
"""

import re
import shutil
import subprocess
import sys
import unittest

from served_bench import ServedBench, main, until  # first: it says which package is missing

from pymodbus.client import ModbusSerialClient
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest

UNITS = (1, 2)
ANSWER_WITHIN_S, PROGRAM_WITHIN_S, STARTED_WITHIN_S = 10, 60, 60
# Positions 1 and 2 share a port; position 3 keeps its own.
SHARED = [("port: /dev/ttyUSB1", "port: /dev/ttyUSB0, unit: 2")]


class SharedBus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = cls.enterClassContext(ServedBench(ServedBench.program, SHARED))
        cls.device = cls.bench.links[1]
        for unit in UNITS:
            until(f"an answer of unit {unit}", lambda: cls.answers(unit), STARTED_WITHIN_S)

    @classmethod
    def client(cls, timeout_s=ANSWER_WITHIN_S):
        client = ModbusSerialClient(cls.device, baudrate=19200, parity="N", stopbits=1, timeout=timeout_s, retries=0)
        assert client.connect(), f"pymodbus cannot open {cls.device}"
        return client

    @classmethod
    def answers(cls, unit):
        with cls.client(timeout_s=1) as client:
            return not client.read_holding_registers(7000, 1, slave=unit).isError()

    def test_both_are_reached_over_one_terminal(self):
        self.assertEqual(self.bench.links[1], self.bench.links[2])
        self.assertNotEqual(self.bench.links[1], self.bench.links[3])

    def test_what_is_written_to_one_is_not_in_the_other(self):
        wanted = {1: [11, 31], 2: [12, 32]}
        with self.client() as client:
            for unit, values in wanted.items():
                answer = client.write_registers(141, values, slave=unit)
                self.assertFalse(answer.isError(), answer)
                self.assertEqual((answer.function_code, answer.address, answer.count), (16, 141, 2))
            answer = client.write_register(148, 3, slave=2)
            self.assertEqual((answer.function_code, answer.address, answer.value), (6, 148, 3))

        def held():
            with self.client() as client:
                return all(client.read_holding_registers(141, 2, slave=unit).registers == values
                           for unit, values in wanted.items())

        until("both configurations in their registers", held, 30)
        with self.client() as client:
            self.assertEqual(client.read_input_registers(148, 1, slave=2).registers, [3])
            self.assertEqual(client.read_input_registers(148, 1, slave=1).registers, [1])

    def test_every_function_of_the_manual_answers_at_both_addresses(self):
        for unit in UNITS:
            with self.subTest(unit=unit), self.client() as client:
                for read in (client.read_holding_registers, client.read_input_registers):
                    for address, count in ((0, 52), (128, 26), (256, 90)):
                        self.assertEqual(len(read(address, count, slave=unit).registers), count)
                who = client.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=unit))
                self.assertEqual(who.information[0], b"Leviton", who)
                told = client.execute(ReportSlaveIdRequest(unit=unit))
                self.assertEqual(told.identifier[:2], bytes((247, 255)))
                refused = client.read_holding_registers(52, 1, slave=unit)
                self.assertEqual(getattr(refused, "exception_code", None), 2, refused)

    def test_mbpoll_asks_both_in_one_call(self):
        done = subprocess.run(["mbpoll", "-m", "rtu", "-b", "19200", "-P", "none", "-a", "1,2", "-o", "10", "-1", "-t",
                               "4", "-r", "7001", "-c", "1", self.device],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PROGRAM_WITHIN_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(re.findall(r"^\[7001\]:\s*(\d+)", done.stdout, re.M), ["1019", "1019"], done.stdout)

    def test_nobody_answers_at_a_third_address(self):
        with self.client(timeout_s=1) as client:
            answer = client.read_holding_registers(0, 1, slave=3)
            self.assertTrue(answer.isError() and not hasattr(answer, "exception_code"), answer)
        until("an answer of the first meter", lambda: self.answers(1), STARTED_WITHIN_S)


if __name__ == "__main__":
    if not shutil.which("mbpoll"):
        sys.exit("the program mbpoll is missing; ci/setup installs the package mbpoll")
    main()
