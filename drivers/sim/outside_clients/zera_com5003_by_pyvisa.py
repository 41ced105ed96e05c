#!/usr/bin/python3 -B
"""pyvisa-py talks to the simulated ZERA COM5003, while the simulated Fluke drives the circuit before it.

What is expected comes from what the Fluke was set to, from the maker's recorded answers and from IEEE 488.2.
"""

import re
import time
import unittest

from served_bench import main, until  # first: it says which package is missing
from scpi_conversation import ANSWER_WITHIN_MS, ScpiConversation

import pyvisa
from pymodbus.client import ModbusSerialClient
from pyvisa.constants import StatusCode

VOLTS, AMPERES = 230, 5
INTEGRATION_S = 1


class ZeraCom5003(ScpiConversation, unittest.TestCase):
    driver = "zera-com5003"
    a_setting = "CONF:POW1:TINTEGRATION"
    out_of_range = "CONF:POW1:TINTEGRATION 1000000"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fluke = cls.visa.open_resource(cls.bench.addresses["fluke-6105a"], read_termination="\n",
                                       write_termination="\n", timeout=ANSWER_WITHIN_MS)
        cls.addClassCleanup(fluke.close)
        for phase, degrees in ((1, 0), (2, -120), (3, 120)):
            root = f"SOUR:PHAS{phase}"
            for command in (f"VOLT:RANG 0,{VOLTS}", f"CURR:RANG 0.5,{AMPERES}", f"VOLT:MHAR:HARM1 {VOLTS},{degrees}",
                            f"CURR:MHAR:HARM1 {AMPERES},-60", "VOLT:STAT 1", "CURR:STAT 1"):
                fluke.write(f"{root}:{command}")
        fluke.write("SOUR:FREQ 50")
        fluke.write("OUTP:STAT ON")
        assert fluke.query("OUTP:STAT?") == "1", fluke.query("SYST:ERR?")

    def value(self, query):
        """The only value of an answer such as `POW1:PS:[W]:6903;`."""
        answer = self.ask(query)
        fields = re.fullmatch(r"\w+:\w+:\[\w+\]:([^;]*);", answer)
        self.assertTrue(fields, answer)
        return float(fields[1])

    def test_identity_has_four_fields(self):
        maker, model, _, _ = self.ask("*IDN?").split(", ")
        self.assertEqual((maker, model), ("ZERA GmbH Koenigswinter", "COM5003"))

    def test_answers_have_the_form_of_the_recorded_ones(self):
        self.assertEqual(self.ask("*OPC?"), "+1")
        self.assertEqual(self.ask("*STB?"), "+0")
        self.assertEqual(self.ask("SYST:ERR?"), "+0,No error")
        self.assertRegex(self.ask("MEAS:POW1:PS?"), r"^POW1:PS:\[W\]:[0-9.]+;$")
        self.assertRegex(self.ask("FETC:POW1?"), r"^POW1:P1:\[W\]:[^;]+;POW1:P2:[^;]+;POW1:P3:[^;]+;POW1:PS:[^;]+;$")

    def test_an_unknown_query_is_answered_with_an_empty_line(self):
        self.assertEqual(self.ask("NOSUCH?"), "")
        self.assertEqual(int(self.ask("*STB?")), 4)
        self.assertEqual(self.next_error()[0], -113)
        self.assert_no_error()

    def test_ranges_are_chosen_and_read_back(self):
        for name in self.ask("SENS:RNG1:IL1:RANG:CAT?").rstrip(";").split(";"):
            self.tell(f"SENS:RNG1:IL1:RANG {name};")
            self.assertEqual(self.ask("SENS:RNG1:IL1:RANG?"), name)
        self.refused("SENS:RNG1:IL1:RANG 7A;", -224)
        self.tell("SENS:RNG1:IL1:RANG 10A;")
        self.assert_no_error()

    def test_what_the_source_is_set_to_is_measured(self):
        # The source rises and settles; 1 % is far beyond its errors and the meter's, and far from any mistake.
        self.tell("SENS:RNG1:UL1:RANG 250V;", "SENS:RNG1:IL1:RANG 10A;", "CONF:RMS1:TINTEGRATION 0.2;",
                  "CONF:POW1:TINTEGRATION 0.2;", "CONF:POW2:TINTEGRATION 0.2;", "CONF:POW3:TINTEGRATION 0.2;")
        until("a steady source", lambda: abs(self.value("MEAS:RMS1:UL1?") / VOLTS - 1) < 0.01, 60)
        expected = {"RMS1:UL2": VOLTS, "RMS1:IL3": AMPERES, "POW1:P1": VOLTS * AMPERES * 0.5,
                    "POW1:PS": 3 * VOLTS * AMPERES * 0.5, "POW2:Q2": VOLTS * AMPERES * 0.75 ** 0.5,
                    "POW3:SS": 3 * VOLTS * AMPERES, "RNG1:F": 50}
        for name, value in expected.items():
            self.assertAlmostEqual(self.value(f"MEAS:{name}?") / value, 1, delta=0.01, msg=name)
        self.assert_no_error()

    def test_an_answer_comes_when_the_interval_ends(self):
        self.tell(f"CONF:POW1:TINTEGRATION {INTEGRATION_S};")
        self.value("MEAS:POW1:PS?")
        asked = time.monotonic()
        self.value("MEAS:POW1:PS?")
        self.value("MEAS:POW1:PS?")
        # A whole interval lies between the last two answers, however late the client was with its first question.
        self.assertGreater(time.monotonic() - asked, 0.9 * INTEGRATION_S)

    def test_pulses_of_a_meter_are_compared_with_the_references_own(self):
        # The meter leaves the factory for 100 A at 1 V; the bench's CT substitute gives 0.333 V for 5 A.
        pulse_wh, meter_amperes_per_ampere = 10, 100 * 0.333 / AMPERES
        with ModbusSerialClient(self.bench.links[1], baudrate=19200, parity="N", timeout=10, retries=0) as meter:
            until("a meter that answers", lambda: not meter.write_register(143, pulse_wh, slave=1).isError(), 60)
        for setting in ("START 0", "DUTSOURCE SC1", "REFSOURCE P", "DCUNIT I/kWh", "MRATE 2", "UPLIMIT 1", "LOLIMIT -1",
                        f"DUTCONSTANT {1000 / pulse_wh * meter_amperes_per_ampere:.6f}"):
            self.tell(f"CALC:EC01:0001:{setting};")
        self.assert_no_error()
        constant, target = (float(self.ask(f"CALC:EC01:0001:{key}?")) for key in ("REFCONSTANT", "TARGET"))
        self.assertEqual(target, int(constant * 2 / float(self.ask("CALC:EC01:0001:DUTCONSTANT?"))))
        until("a steady source", lambda: abs(self.value("MEAS:RMS1:IL1?") / AMPERES - 1) < 0.001, 60)
        self.tell("CALC:EC01:0001:START 1;")
        self.assertIn(int(self.ask("CALC:EC01:0001:STATUS?")), (1, 2))
        # 11.5 kW by the meter: a pulse every 3.1 s.
        until("a result", lambda: int(self.ask("CALC:EC01:0001:STATUS?")) == 4, 60)
        # The least that is expected of such a meter; what is wrong with a unit or a constant is far more.
        self.assertAlmostEqual(float(self.ask("CALC:EC01:0001:RESULT?")), 0, delta=1)
        self.assertEqual(int(self.ask("CALC:EC01:0001:RATING?")), 1)
        self.assertAlmostEqual(int(self.ask("CALC:EC01:0001:MMEASTIME?")), 6260, delta=100)
        self.assertEqual(int(self.ask("CALC:EC01:0001:PULSES?")), 2)
        self.assert_no_error()

    def test_an_error_calculation_without_pulses_waits_until_it_is_stopped(self):
        self.tell("CALC:EC01:0002:DUTSOURCE SC8;", "CALC:EC01:0002:START 1;")
        self.assertEqual(int(self.ask("CALC:EC01:0002:STATUS?")), 1)
        self.assertEqual(float(self.ask("CALC:EC01:0002:PROGRESS?")), 0)
        self.refused("CALC:EC01:0002:MRATE 5;", -221)
        self.tell("CALC:EC01:0002:START 0;")
        self.assertEqual(int(self.ask("CALC:EC01:0002:STATUS?")), 8)
        self.assertEqual(int(self.ask("CALC:EC01:0002:RATING?")), -1)
        self.assert_no_error()

    def test_a_late_answer_is_not_taken_for_the_answer_of_the_next_query(self):
        self.tell(f"CONF:POW1:TINTEGRATION {INTEGRATION_S};")

        def runs_out():
            # Right after the end of an interval the next one is a whole interval away, if the machine keeps up.
            self.value("MEAS:POW1:PS?")
            self.session.timeout = 200
            try:
                self.ask("MEAS:POW1:PS?")
            except pyvisa.VisaIOError as error:
                return error
            finally:
                self.session.timeout = ANSWER_WITHIN_MS
            return None

        error = until("a query that runs into its timeout", runs_out, 60)
        self.assertEqual(error.error_code, StatusCode.error_timeout)
        # The instrument is at work still. A client that goes on must fetch the late answer first: lines come in the
        # order of the questions, so what comes before the answer it can tell apart is not meant for it.
        self.tell("*IDN?")
        self.assertRegex(self.session.read(), r"^POW1:PS:\[W\]:", "the late answer, where the identity was asked for")
        self.assertIn("COM5003", self.session.read())
        # From here on questions and answers belong together again, and no line is left over.
        self.assertEqual(self.ask("*OPC?"), "+1")
        self.assertEqual(float(self.ask("CONF:POW1:TINTEGRATION?")), INTEGRATION_S)
        self.assert_no_error()

    def test_another_session_is_answered_while_one_waits(self):
        self.tell(f"CONF:POW1:TINTEGRATION {INTEGRATION_S};")
        other = self.open()
        self.tell("MEAS:POW1:PS?")
        self.assertIn("COM5003", other.query("*IDN?"))
        self.assertRegex(self.session.read(), r"^POW1:PS:\[W\]:")


if __name__ == "__main__":
    main()
