#!/usr/bin/python3 -B
"""pyvisa-py talks to the simulated relay unit, and pymodbus sees what its relays do."""

import unittest

from served_bench import main, until  # first: it says which package is missing
from scpi_conversation import ScpiConversation

from pymodbus.client import ModbusSerialClient


class ScpiRelays(ScpiConversation, unittest.TestCase):
    driver = "scpi-switch"
    a_setting = "ROUT:CLOS"
    out_of_range = "ROUT:CLOS (@4)"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.closed_when_served = cls.open().query("ROUT:CLOS? (@1:3)")

    def setUp(self):
        super().setUp()
        self.tell("ROUT:CLOS (@1:3)")

    def closed(self, channels="1:3"):
        return self.session.query_ascii_values(f"ROUT:CLOS? (@{channels})", converter="d")

    def test_identity_has_four_fields(self):
        self.assertEqual(len(self.ask("*IDN?").split(",")), 4)

    def test_channel_lists_are_single_channels_and_ranges(self):
        self.tell("ROUT:OPEN (@1,3)")
        self.assertEqual(self.closed(), [0, 1, 0])
        self.assertEqual(self.closed("3,2"), [0, 1], "in the order of the question")
        self.assertEqual(self.ask("ROUT:OPEN? (@1:3)"), "1,0,1")
        self.tell("ROUTE:CLOSE (@2:3)")
        self.assertEqual(self.closed(), [0, 1, 1])
        self.tell("ROUT:OPEN:ALL")
        self.assertEqual(self.closed(), [0, 0, 0])
        self.assert_no_error()

    def test_reset_opens_all_relays(self):
        self.tell("*RST")
        self.assertEqual(self.closed(), [0, 0, 0])

    def test_what_is_no_channel_is_refused_and_moves_nothing(self):
        self.refused("ROUT:OPEN (@1:4)", -222)
        self.refused("ROUT:OPEN (@0)", -222)
        self.refused("ROUT:OPEN 1", -104)
        self.refused("ROUT:OPEN (@1", -170)
        self.refused("ROUT:OPEN (@one)", -170)
        self.assertEqual(self.closed(), [1, 1, 1])

    def answers(self, timeout_s):
        client = ModbusSerialClient(self.bench.links[1], baudrate=19200, timeout=timeout_s, retries=0)
        try:
            return client.connect() and not client.read_holding_registers(7000, 1, slave=1).isError()
        finally:
            client.close()

    def test_the_meters_hang_on_the_relays(self):
        self.assertEqual(self.closed_when_served, "1,1,1", "before anybody switched anything")
        until("an answer of the meter", lambda: self.answers(1), 30)
        self.tell("ROUT:OPEN (@1)")
        until("silence of the meter without control power", lambda: not self.answers(0.5), 30)
        self.tell("ROUT:CLOS (@1)")
        until("an answer of the meter that has power again", lambda: self.answers(1), 30)


if __name__ == "__main__":
    main()
