/// The hardware abstraction between a meter's firmware and the simulated bench: everything that a firmware build must
/// offer, and everything it is offered. Plain C, so that any firmware can be compiled against it.
///
/// A build is a shared object that exports one symbol, blondel_firmware_v1. It runs in a process of its own, one meter
/// a process, and may keep its state in static variables: a fresh process is started at every power-up. It is entered
/// from one thread only, and an entry must return: no waiting, no threads, no files; the process may compute and
/// nothing else. Whatever a real meter would keep in flash or EEPROM goes through the non-volatile store below.
#ifndef BLONDEL_FIRMWARE_H
#define BLONDEL_FIRMWARE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Counts up whenever anything below changes its meaning or its layout. Both structures carry it in their first member.
#define BLONDEL_FIRMWARE_VERSION 1u

/// Converter samples a second, by the meter's own crystal.
#define BLONDEL_SAMPLES_PER_SECOND 2520

/// A converter code is signed and has 24 bits; codes outside -2^23 .. 2^23 - 1 do not occur.
#define BLONDEL_FULL_SCALE_COUNTS 8388608.0
/// Volts (peak) at the voltage terminal, against the meter's own star point, that give full scale. In a system with a
/// neutral the star point is the neutral terminal; without one it floats to the mean of the connected inputs.
#define BLONDEL_FULL_SCALE_VOLTAGE 720.0
/// Volts (peak) at the CT terminals that give full scale, in 1/3 V mode and in 1 V mode alike.
#define BLONDEL_FULL_SCALE_CT_VOLTAGE 2.4

/// The order of a sample's six codes.
enum blondel_channel { BLONDEL_UA, BLONDEL_UB, BLONDEL_UC, BLONDEL_IA, BLONDEL_IB, BLONDEL_IC, BLONDEL_CHANNELS };

enum blondel_contact {
  BLONDEL_PULSE,  ///< energy pulses, normally open; open without supply
  BLONDEL_ALARM   ///< alarm, normally closed: closed without supply, whatever the firmware said before
};

/// What the hardware offers to the firmware. Every function takes `context` as its first argument.
struct blondel_hal {
  uint32_t version;  ///< BLONDEL_FIRMWARE_VERSION of whoever calls
  void* context;

  /// Nanoseconds since power-up by the meter's own crystal: the instant of the entry in progress. Inside sample(), n
  /// samples after the first, it is the first one's instant plus n / 2520 s.
  int64_t (*now_ns)(void* context);

  /// Sends `count` bytes (1..512) without a gap. The first start bit leaves at `start_ns` (not before now, at most 5 s
  /// ahead), and every character takes `character_ns` (1 us to 100 ms), start, parity and stop bits included. A meter
  /// speaks when it is spoken to, and one frame at a time: a build that begins a frame before the request has ended,
  /// without one, or while its own is on the line, is ended.
  void (*uart_send)(void* context, const uint8_t* bytes, uint32_t count, int64_t start_ns, int64_t character_ns);

  /// Switches a contact (enum blondel_contact) at `at_ns`: now, or later through a timer of the hardware. Calls for one
  /// contact must come in rising order of `at_ns`, and a contact has at most 1000 edges a second. What the timer still
  /// holds at a power failure is dropped.
  void (*contact)(void* context, uint32_t contact, int32_t closed, int64_t at_ns);

  /// The non-volatile store. A new meter's is erased: all bytes 0xFF. Offsets and counts outside are refused by ending
  /// the build.
  uint32_t nv_size;
  void (*nv_read)(void* context, uint32_t offset, void* bytes, uint32_t count);
  void (*nv_write)(void* context, uint32_t offset, const void* bytes, uint32_t count);

  /// Degrees Celsius inside the meter.
  double (*temperature)(void* context);

  /// Shows a text on the LCD, UTF-8, lines separated by '\n', at most 255 bytes.
  void (*lcd)(void* context, const char* text);

  /// What was chosen for this very meter: "serial", and the variants its bench file names. NULL where nothing was
  /// chosen. A variant that the build has not asked for when power_up() returns is reported as unknown and ends the
  /// build, so that nobody believes in a variant that does nothing.
  const char* (*setting)(void* context, const char* key);

  /// Says that the build cannot run, and why ("baud: 1234 is not a rate of this meter"). Does not return.
  void (*refuse)(void* context, const char* why);
};

/// What the firmware offers to the hardware.
struct blondel_firmware {
  uint32_t version;  ///< BLONDEL_FIRMWARE_VERSION the build was compiled against
  const char* name;  ///< for records: "Series 4000-K 1.019", at most 63 bytes; may be NULL

  /// The supply has come. `hal` stays valid until the process ends.
  void (*power_up)(const struct blondel_hal* hal);
  /// One sample of all channels has been converted. Entered 2520 times a second of the meter's crystal; the firmware's
  /// tick for everything else too.
  void (*sample)(const int32_t codes[BLONDEL_CHANNELS]);
  /// A byte has arrived, its stop bit has just ended. Parity and framing have been checked by the hardware.
  void (*uart_byte)(uint8_t byte);
  /// The ride-through is over and the supply goes: last chance to write to the store. May be NULL.
  void (*power_fail)(void);
};

/// The one symbol a build exports.
typedef const struct blondel_firmware* (*blondel_firmware_entry)(void);
#define BLONDEL_FIRMWARE_SYMBOL "blondel_firmware_v1"
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct blondel_firmware*
blondel_firmware_v1(void);

#ifdef __cplusplus
}
#endif
#endif
