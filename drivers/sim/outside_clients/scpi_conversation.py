"""What IEEE 488.2 and SCPI ask of every instrument, asked by pyvisa-py: the tests that all instruments share."""

from served_bench import ServedBench  # first: it says which package is missing

import pyvisa

# Event status bits and error classes: IEEE 488.2 section 11.5.1, SCPI-1999 volume 2 section 21.8.
OPERATION_COMPLETE, EXECUTION_ERROR, COMMAND_ERROR = 1, 16, 32
# A busy machine may be slow, but not this slow.
ANSWER_WITHIN_MS = 20_000


class ScpiConversation:
    """Tests with one instrument of a served bench: mixed into a TestCase that names

    `driver`, the instrument's driver in the bench file, `a_setting`, a command that takes parameters, and
    `out_of_range`, a well-formed command whose value the instrument cannot do.
    """

    @classmethod
    def setUpClass(cls):
        cls.bench = cls.enterClassContext(ServedBench(ServedBench.program))
        cls.visa = pyvisa.ResourceManager("@py")
        cls.addClassCleanup(cls.visa.close)
        cls.events_at_power_on = cls.open().query("*ESR?")

    @classmethod
    def open(cls, **settings):
        """Another session with the instrument."""
        settings = {"read_termination": "\n", "write_termination": "\n", "timeout": ANSWER_WITHIN_MS} | settings
        session = cls.visa.open_resource(cls.bench.addresses[cls.driver], **settings)
        cls.addClassCleanup(session.close)
        return session

    def setUp(self):
        self.session = self.open()
        self.tell("*CLS", "*ESE 0", "*SRE 0")

    def tell(self, *commands):
        for command in commands:
            self.session.write(command)

    def ask(self, query):
        return self.session.query(query)

    def numbers(self, query):
        return self.session.query_ascii_values(query)

    def next_error(self):
        number, text = self.ask("SYST:ERR?").split(",", 1)
        return int(number), text

    def assert_no_error(self):
        number, text = self.next_error()
        self.assertEqual(number, 0, text)

    def refused(self, command, code):
        """The command enters this error, and this one only, and sets its class's event bit."""
        self.tell("*CLS", command)
        self.assertEqual(self.next_error()[0], code, command)
        self.assertEqual(self.next_error()[0], 0, command)
        self.assertEqual(int(self.ask("*ESR?")), COMMAND_ERROR if -200 < code <= -100 else EXECUTION_ERROR, command)

    def test_the_first_look_at_the_events_tells_that_power_came(self):
        self.assertEqual(int(self.events_at_power_on), 128)

    def test_errors_have_the_numbers_and_event_bits_of_the_standard(self):
        self.refused("NOSUCH:COMMAND 1", -113)
        self.refused(self.a_setting, -109)
        self.refused(self.out_of_range, -222)
        self.refused("*CLS 1", -108)
        self.refused("*ESE 256", -222)
        self.refused("*ESE ON", -104)

    def test_errors_wait_in_their_order(self):
        self.tell("NOSUCH 1", self.a_setting, self.out_of_range)
        self.assertEqual(int(self.ask("SYST:ERR:COUN?")), 3)
        self.assertEqual([self.next_error()[0] for _ in range(4)], [-113, -109, -222, 0])

    def test_status_byte_sums_up_what_is_enabled(self):
        self.tell("*ESE 32", "*SRE 36", "NOSUCH 1")
        self.assertEqual(int(self.ask("*STB?")), 4 + 32 + 64, "error queue, event summary, master summary")
        self.assertEqual(int(self.ask("*STB?")), 4 + 32 + 64, "reading it changes nothing")
        self.assertEqual(int(self.ask("*ESR?")), COMMAND_ERROR)
        self.assertEqual(int(self.ask("*ESR?")), 0, "reading clears")
        self.assertEqual(int(self.ask("*STB?")), 4 + 64)
        self.tell("*CLS")
        self.assertEqual(int(self.ask("*STB?")), 0)
        self.assertEqual((int(self.ask("*ESE?")), int(self.ask("*SRE?"))), (32, 36), "*CLS leaves the masks alone")

    def test_operation_complete_is_told_as_event_and_as_answer(self):
        self.tell("*OPC")
        self.assertEqual(int(self.ask("*ESR?")), OPERATION_COMPLETE)
        self.assertEqual(int(self.ask("*OPC?")), 1)

    def test_carriage_return_and_lower_case_make_no_difference(self):
        session = self.open(write_termination="\r\n")
        self.assertEqual(session.query("*idn?"), self.ask("*IDN?"))
        self.assertEqual(session.query("system:error?"), self.ask(":SYST:ERR?"))

    def test_a_block_that_is_refused_loses_no_byte_of_what_follows(self):
        # No instrument of this bench has a command with a block, so each refuses it where it stands. The bytes look
        # like the ends of strings, units and messages, and like a command.
        bytes_of_block = b"\n;*RST\n\"'#15\x00\xff,"
        block = b"#2%02d" % len(bytes_of_block) + bytes_of_block
        for command, code in ((b"*ESE ", -104), (b"*CLS ", -108), (b"NOSUCH ", -113)):
            self.tell("*CLS", "*ESE 37")
            self.session.write_raw(command + block + b"\n*ESE?\n")
            self.assertEqual(int(self.session.read()), 37, "the next command is intact")
            self.assertEqual(self.next_error()[0], code, command)
            self.assert_no_error()
        # pyvisa's own way to write a block.
        self.session.write_binary_values("*ESE ", [10, 59, 10], datatype="B")
        self.assertEqual(self.next_error()[0], -104)
        # Bytes without a header are an error of their own, and nothing of the line is obeyed.
        self.session.write_raw(b"#15*RST;*ESE 1\n")
        self.assertLess(self.next_error()[0], 0)
        self.assertEqual(int(self.ask("*ESE?")), 37)

    def test_what_the_queue_says_stays_one_readable_line(self):
        self.tell("*ESE '" + 'say "x"\t' * 100 + "'")
        number, text = self.next_error()
        self.assertEqual(number, -104)
        self.assertTrue(text.isprintable(), text)
        self.assertLessEqual(len(text.strip('"')), 255, "SCPI-1999 volume 2, 21.8.2")
        self.assertNotIn('"', text.strip('"'))
        self.assert_no_error()

    def test_two_sessions_do_not_take_each_others_answers(self):
        other = self.open()
        self.tell("*ESE 3")
        other.write("*IDN?")
        self.assertEqual(int(self.ask("*ESE?")), 3)
        self.assertEqual(other.read(), self.ask("*IDN?"))
