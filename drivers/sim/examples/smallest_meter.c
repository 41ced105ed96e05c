// The smallest meter that a rig can talk to: voltage, current and power of each second, over Modbus RTU (19200 8N1,
// unit 1). Needs blondel_firmware.h, a C11 compiler and nothing else:
//   cc -std=c11 -O2 -shared -fPIC -I drivers/sim/firmware -o smallest_meter.so smallest_meter.c -lm
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blondel_firmware.h"

// Modbus addresses, counted from 0, of what this meter knows. All others up to `registers` read as 0.
enum { power_up_count = 151, real_power_total_kw = 260, voltage_ln_avg = 270, current_avg = 272, registers = 346 };
enum { firmware_version = 7000, version = 1000 };
static const int64_t character_ns = 520833;  // ten bits at 19200 baud

static const struct blondel_hal* hal;
static uint16_t reg[registers];
static double amperes_per_volt;                   // of the current transformers it is meant for
static double square[BLONDEL_CHANNELS], product;  // sums over the running second
static int samples;
static uint8_t frame[256];
static unsigned length;
static int64_t last_byte_ns;

static void put_float(unsigned address, double value) {
  const float narrow = (float)value;
  uint32_t bits;
  memcpy(&bits, &narrow, 4);
  reg[address] = (uint16_t)(bits >> 16);
  reg[address + 1] = (uint16_t)bits;
}

static void power_up(const struct blondel_hal* given) {
  hal = given;
  // A variant of the bench file: what gives 100 A. One that is not asked for here would end the build.
  const char* rated_volts = hal->setting(hal->context, "one_third_volt");
  amperes_per_volt = 100 / (rated_volts ? atof(rated_volts) : 1.0 / 3);
  uint16_t count;
  hal->nv_read(hal->context, 0, &count, sizeof count);
  count = count == 0xFFFF ? 1 : (uint16_t)(count + 1);  // erased: the first time in its life
  hal->nv_write(hal->context, 0, &count, sizeof count);
  reg[power_up_count] = count;
  hal->lcd(hal->context, "smallest meter");
}

static void end_of_second(void) {
  double volts = 0, ct_volts = 0;
  for (int k = 0; k < 3; ++k) {
    volts += sqrt(square[k] / samples) / 3 * BLONDEL_FULL_SCALE_VOLTAGE;
    ct_volts += sqrt(square[k + 3] / samples) / 3 * BLONDEL_FULL_SCALE_CT_VOLTAGE;
  }
  const double watts =
      product / samples * BLONDEL_FULL_SCALE_VOLTAGE * BLONDEL_FULL_SCALE_CT_VOLTAGE * amperes_per_volt;
  put_float(voltage_ln_avg, volts);
  put_float(current_avg, ct_volts * amperes_per_volt);
  put_float(real_power_total_kw, watts / 1000);
  memset(square, 0, sizeof square);
  product = samples = 0;
}

static unsigned crc_of(const uint8_t* bytes, unsigned count) {
  unsigned crc = 0xFFFF;
  while (count-- > 0) {
    crc ^= *bytes++;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  return crc;
}

static void send(uint8_t* answer, unsigned count) {
  const unsigned crc = crc_of(answer, count);
  answer[count++] = (uint8_t)crc;
  answer[count++] = (uint8_t)(crc >> 8);
  hal->uart_send(hal->context, answer, count, hal->now_ns(hal->context), character_ns);
}

static void end_of_frame(void) {
  static const char name[] = "\x01\xFFLeviton Series 4000 smallest meter";  // status "running", then who it is
  uint8_t answer[256] = {1, frame[1]};
  if (length < 4 || frame[0] != 1 || crc_of(frame, length) != 0) return;  // a right check makes the whole's check 0
  if (frame[1] == 0x11) {
    answer[2] = sizeof name - 1;
    memcpy(answer + 3, name, sizeof name - 1);
    send(answer, 3 + sizeof name - 1);
    return;
  }
  const unsigned first = frame[2] << 8u | frame[3], count = frame[4] << 8u | frame[5];
  const int whole = first + count <= registers || (first == firmware_version && count == 1);
  if (frame[1] != 3 || length != 8 || count < 1 || count > 125 || !whole) {
    answer[1] |= 0x80;
    answer[2] = frame[1] == 3 ? 2 : 1;  // illegal address, illegal function
    send(answer, 3);
    return;
  }
  answer[2] = (uint8_t)(2 * count);
  for (unsigned n = 0; n < count; ++n) {
    const unsigned value = first == firmware_version ? version : reg[first + n];
    answer[3 + 2 * n] = (uint8_t)(value >> 8);
    answer[4 + 2 * n] = (uint8_t)value;
  }
  send(answer, 3 + 2 * count);
}

static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  double of_full_scale[BLONDEL_CHANNELS];
  for (int k = 0; k < BLONDEL_CHANNELS; ++k) {
    of_full_scale[k] = codes[k] / BLONDEL_FULL_SCALE_COUNTS;
    square[k] += of_full_scale[k] * of_full_scale[k];
  }
  for (int k = 0; k < 3; ++k) product += of_full_scale[k] * of_full_scale[k + 3];
  if (++samples == BLONDEL_SAMPLES_PER_SECOND) end_of_second();
  // A frame ends when the line has been silent for 3.5 characters.
  if (length == 0 || hal->now_ns(hal->context) - last_byte_ns < character_ns * 7 / 2) return;
  end_of_frame();
  length = 0;
}

static void uart_byte(uint8_t byte) {
  last_byte_ns = hal->now_ns(hal->context);
  if (length < sizeof frame) frame[length++] = byte;
}

static const struct blondel_firmware firmware = {
    BLONDEL_FIRMWARE_VERSION, "smallest meter 1.000", power_up, sample, uart_byte, 0};

const struct blondel_firmware* blondel_firmware_v1(void) {
  return &firmware;
}
