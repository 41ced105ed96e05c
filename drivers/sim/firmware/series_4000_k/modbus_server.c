#include "modbus_server.h"

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "fault.h"
#include "registers.h"
#include "variants.h"

enum { longest_frame = 256, broadcast = 0 };

enum exception { no_exception = 0, illegal_function = 1, illegal_address = 2, illegal_value = 3 };

static struct {
  const struct blondel_hal* hal;
  const struct variants* variants;
  int64_t character_ns, silence_ns;
  uint8_t frame[longest_frame];
  unsigned length;  // of the frame coming in; longest_frame + 1 when it is too long to be one
  int64_t last_byte_ns;
  int64_t sending_until_ns;
  uint8_t answer[longest_frame];
  unsigned answer_length;
  unsigned answers;  // since power-up
} state;

void modbus_start(const struct blondel_hal* hal) {
  memset(&state, 0, sizeof state);
  state.hal = hal;
  state.variants = variants();
  const int bits = 1 + 8 + (state.variants->parity == parity_none ? 0 : 1) + state.variants->stop_bits;
  state.character_ns = (int64_t)bits * 1000000000 / state.variants->baud;
  // Above 19200 baud the standard fixes the silence at 1.75 ms.
  state.silence_ns = state.variants->baud > 19200 ? 1750000 : state.character_ns * 7 / 2;
}

// CRC-16 of Modbus over serial line: reflected polynomial 0xA001, preset 0xFFFF, low byte first on the wire.
static unsigned crc_of(const uint8_t* bytes, unsigned count) {
  unsigned crc = 0xFFFF;
  for (unsigned n = 0; n < count; ++n) {
    crc ^= bytes[n];
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  return crc;
}

static void put(unsigned byte) {
  state.answer[state.answer_length++] = (uint8_t)byte;
}

static void put_word(unsigned word) {
  const bool little_endian = FAULT(words_little_endian);
  put(little_endian ? word & 0xFF : word >> 8);
  put(little_endian ? word >> 8 : word & 0xFF);
}

static void put_text(const char* text) {
  while (*text) put((uint8_t)*text++);
}

static unsigned word_at(unsigned offset) {
  return (unsigned)state.frame[offset] << 8 | state.frame[offset + 1];
}

static enum exception read_registers(unsigned length) {
  if (length != 6) return illegal_value;
  const unsigned address = word_at(2), count = word_at(4);
  uint16_t values[125];
  if (count < 1 || count > (unsigned)state.variants->max_registers) return illegal_value;
  if (!registers_read(address + (FAULT(wire_address_one_off) ? 0 : 1), count, values)) return illegal_address;
  put(2 * count);
  for (unsigned n = 0; n < count; ++n) put_word(values[n]);
  return no_exception;
}

static enum exception write_registers(unsigned address, const uint16_t* values, unsigned count) {
  switch (config_write(address + 1, values, count)) {
    case write_taken: return no_exception;
    case write_no_register: return illegal_address;
    default: return state.variants->refusal == refusal_by_echo ? no_exception : illegal_value;
  }
}

static enum exception write_single(unsigned length) {
  if (length != 6) return illegal_value;
  const uint16_t value = (uint16_t)word_at(4);
  const enum exception refused = write_registers(word_at(2), &value, 1);
  if (refused) return refused;
  put_word(word_at(2));
  put_word(value);
  return no_exception;
}

static enum exception write_multiple(unsigned length) {
  if (length < 7) return illegal_value;
  const unsigned address = word_at(2), count = word_at(4);
  uint16_t values[123];
  if (count < 1 || count > 123 || state.frame[6] != 2 * count || length != 7 + 2 * count) return illegal_value;
  for (unsigned n = 0; n < count; ++n) values[n] = (uint16_t)word_at(7 + 2 * n);
  const enum exception refused = write_registers(address, values, count);
  if (refused) return refused;
  put_word(address);
  put_word(count);
  return no_exception;
}

#define NAME "Leviton Series 4000K Power Meter"

static enum exception report_id(unsigned length) {
  if (length != 2) return illegal_value;
  const bool operating = state.variants->running_system == runs_operating_system;
  const unsigned version = (unsigned)state.variants->reset_system_version;
  char text[128];
  // The guide's text runs the two strings of its siblings together.
  if (state.variants->report_id_text == report_id_joined)
    snprintf(text, sizeof text, NAME " Full Data Set - RESET SYSTEM RUNNING RS Version %u.%03u0", version / 1000u,
             version % 1000u);
  else if (operating)
    snprintf(text, sizeof text, NAME " Full Data Set");
  else
    snprintf(text, sizeof text, NAME " - RESET SYSTEM RUNNING RS Version %u.%03u", version / 1000u, version % 1000u);
  put(2 + (unsigned)strlen(text));
  put(FAULT(report_of_another_family) ? 246 : 247);  // the family's ID
  put(operating && !FAULT(report_says_stopped) ? 0xFF : 0x00);
  put_text(text);
  return no_exception;
}

// Vendor, product and revision as a stream: objects 0 to 2 of the standard, printed as 1 to 3 in the guide.
static enum exception device_identification(unsigned length) {
  if (length < 3 || state.frame[2] != 0x0E) return illegal_function;
  if (length != 5) return illegal_value;
  const unsigned code = state.frame[3];
  if (code < 1 || code > 3) return illegal_value;  // 4 would be access to single objects
  const unsigned version = FAULT(revision_is_not_7001) ? 1017 : (unsigned)state.variants->version;
  char revision[16];
  snprintf(revision, sizeof revision, state.variants->version_text == version_text_padded ? "V%02u.%03u" : "V%u.%03u",
           version / 1000u, version % 1000u);
  const char* const objects[3] = {"Leviton", "Series 4000", revision};
  const unsigned base = state.variants->device_id_objects == device_id_from_1 ? 1 : 0;
  // An object that is not there means: from the beginning.
  const unsigned asked = state.frame[4];
  const unsigned first = asked >= base && asked < base + 3 ? asked - base : 0;
  put(0x0E);
  put(code);
  put(0x01);  // conformity: basic, stream access
  put(0);     // nothing follows
  put(0);
  put(3 - first);
  for (unsigned n = first; n < 3; ++n) {
    put(base + n);
    put((unsigned)strlen(objects[n]));
    put_text(objects[n]);
  }
  return no_exception;
}

static enum exception serve(unsigned length) {
  // The reset system has no registers; it only says who it is.
  const bool identifies = state.frame[1] == 0x11 || state.frame[1] == 0x2B;
  if (state.variants->running_system == runs_reset_system && !identifies) return illegal_function;
  if (FAULT(function_04_missing) && state.frame[1] == 0x04) return illegal_function;
  switch (state.frame[1]) {
    case 0x03:
    case 0x04: return read_registers(length);
    case 0x06: return write_single(length);
    case 0x10: return write_multiple(length);
    case 0x11: return report_id(length);
    case 0x2B: return device_identification(length);
    default: return FAULT(unknown_function_echoed) ? no_exception : illegal_function;
  }
}

static bool crc_fits(unsigned length) {
  const unsigned crc = crc_of(state.frame, length);
  return (state.frame[length] == (crc & 0xFF) && state.frame[length + 1] == crc >> 8) || FAULT(bad_crc_accepted);
}

static void answer(void) {
  // Without address, function and CRC it is no frame; with a wrong CRC nobody knows whom it was for.
  if (state.length < 4 || state.length > longest_frame) return;
  const unsigned length = state.length - 2;
  if (!crc_fits(length)) return;
  const bool to_all = state.frame[0] == broadcast && state.variants->broadcast == broadcast_obeyed &&
                      (state.frame[1] == 0x06 || state.frame[1] == 0x10);
  const bool foreign = state.frame[0] != state.variants->address && !to_all;
  if (foreign && (!FAULT(foreign_address_answered) || state.frame[0] == broadcast)) return;

  state.answer_length = 0;
  put(state.frame[0]);
  put(state.frame[1]);
  const enum exception refused = serve(length);
  if (to_all) return;
  if (refused) {
    state.answer_length = 0;
    put(state.frame[0]);
    put(state.frame[1] | 0x80u);
    put(refused);
  }
  unsigned check = crc_of(state.answer, state.answer_length);
  if (FAULT(every_fifth_answer_with_bad_crc) && ++state.answers % 5 == 0) check ^= 0x0100;
  put(check & 0xFF);
  put(check >> 8);

  const int64_t start = state.last_byte_ns + state.silence_ns + (int64_t)state.variants->answer_delay_us * 1000;
  const int64_t now = state.hal->now_ns(state.hal->context);
  const int64_t first_bit = start > now ? start : now;
  state.sending_until_ns = first_bit + state.character_ns * state.answer_length;
  state.hal->uart_send(state.hal->context, state.answer, state.answer_length, first_bit, state.character_ns);
}

void modbus_byte(uint8_t byte) {
  const int64_t now = state.hal->now_ns(state.hal->context);
  if (now < state.sending_until_ns) return;  // half duplex: nothing is heard while sending
  // A frame that ended between two samples is still a frame of its own.
  if (state.length > 0 && now - state.character_ns - state.last_byte_ns >= state.silence_ns) modbus_tick();
  if (state.length < longest_frame)
    state.frame[state.length++] = byte;
  else
    state.length = longest_frame + 1;
  state.last_byte_ns = now;
}

void modbus_tick(void) {
  if (state.length == 0) return;
  if (state.hal->now_ns(state.hal->context) - state.last_byte_ns < state.silence_ns) return;
  answer();
  state.length = 0;
}
