#!/usr/bin/python3 -B
"""pyvisa-py talks to the simulated Fluke 6105A.

What is expected comes from what was set, from the users manual's examples and from IEEE 488.2.
"""

import contextlib
import io
import math
import re
import unittest

from scpi_conversation import ScpiConversation
from served_bench import BENCH, REPOSITORY, addresses_in, main


class Fluke6105A(ScpiConversation, unittest.TestCase):
    driver = "fluke-6105a"
    a_setting = "SOUR:FREQ"
    out_of_range = "SOUR:FREQ 1000"

    def set_three_phases(self, volts, amperes, lag_degrees):
        self.tell("*RST")
        for phase, degrees in ((1, 0), (2, -120), (3, 120)):
            root = f"SOUR:PHAS{phase}"
            self.tell(f"{root}:VOLT:RANG 0,{volts}", f"{root}:CURR:RANG 0.5,{amperes}",
                      f"{root}:VOLT:MHAR:STAT ON", f"{root}:VOLT:MHAR:HARM1 {volts},{degrees}",
                      f"{root}:CURR:MHAR:STAT ON", f"{root}:CURR:MHAR:HARM1 {amperes},{-lag_degrees}",
                      f"{root}:VOLT:STAT 1", f"{root}:CURR:STAT 1")
        self.assert_no_error()

    def test_identity_has_four_fields(self):
        maker, model, _, _ = self.ask("*IDN?").split(",")
        self.assertEqual((maker, model), ("FLUKE", "6105A"))
        self.assertEqual(self.ask("SOUR:PHAS1:MODel?"), '"6105A"')
        self.assertEqual(self.ask("SOUR:PHAS1:SERial?"), self.ask("source:phase3:serial?"))
        self.assertEqual(self.numbers("*OPT?"), [0] * 8)

    def test_what_is_set_is_read_back(self):
        self.set_three_phases(230, 5, 60)
        self.tell("SOUR:FREQ 60")
        self.assertEqual(self.numbers("SOUR:FREQ?"), [60])
        self.assertEqual(self.numbers("SOUR:PHAS2:VOLT:MHAR:HARM1?"), [230, -120])
        self.assertEqual(self.numbers("SOUR:PHAS3:CURR:MHAR:HARM1?"), [5, -60])
        self.assertEqual(self.numbers("SOUR:PHAS3:VOLT:MHAR:HARM1:PANG?"), [120])
        lowest, full_scale = self.numbers("SOUR:PHAS1:VOLT:RANG?")
        self.assertLessEqual(lowest, 0)
        self.assertEqual(full_scale, 360, "the narrowest range that holds 230 V")
        # Computed from what is set: U I cos(60 deg) and U I.
        self.assertAlmostEqual(self.numbers("SOUR:PHAS1:POW:WATT?")[0], 230 * 5 * 0.5, places=3)
        self.assertAlmostEqual(self.numbers("SOUR:PHAS1:POW:VA?")[0], 230 * 5, places=3)
        self.tell("SOUR:PHAS1:VOLT:MHAR:HARM5 23,30")
        self.assertAlmostEqual(self.numbers("SOUR:PHAS1:VOLT:AMPL?")[0], math.hypot(230, 23), places=3)
        self.assert_no_error()

    def test_the_output_follows_on_and_off(self):
        self.set_three_phases(230, 5, 0)
        self.tell("OUTP:STAT ON")
        self.assertEqual(self.ask("OUTP:STAT?"), "1")
        self.tell("OUTP:STAT OFF")
        self.assertEqual(self.ask("OUTP:STAT?"), "0")
        self.assert_no_error()

    def test_what_the_source_cannot_do_is_refused_and_changes_nothing(self):
        self.set_three_phases(230, 5, 0)
        self.refused("SOUR:PHAS1:VOLT:MHAR:HARM1 400,0", -222)
        self.refused("SOUR:PHAS1:VOLT:MHAR:HARM101 1,0", -222)
        self.refused("SOUR:PHAS5:VOLT:STAT 1", -114)
        self.refused("SOUR:PHAS1:VOLT:STAT PERHAPS", -224)
        self.assertEqual(self.numbers("SOUR:PHAS1:VOLT:MHAR:HARM1?"), [230, 0])

    def test_one_message_may_hold_many_commands(self):
        self.assertEqual(self.ask("*RST;:SOUR:FREQ 53;FREQ?;*OPC?"), "5.3E1;1")
        self.assert_no_error()

    def test_the_example_of_the_documentation_works(self):
        text = (REPOSITORY / "docs" / "write-a-bench.md").read_text()
        example = re.search(r"```python\n(.*?)```", text, re.S)[1]
        for documented, served in zip(addresses_in(BENCH.read_text()), self.bench.addresses.values(), strict=True):
            example = example.replace(documented, served)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(example, {})
        output_and_error, reading = printed.getvalue().splitlines()
        self.assertEqual(output_and_error, '1 0,"No error"')
        self.assertRegex(reading, r"^RMS1:UL1:\[V\]:[-+.0-9eE]+;$")


if __name__ == "__main__":
    main()
