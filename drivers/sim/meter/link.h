/// The link between the bench and a meter's process, as C structures. link.md describes it for other languages.
#ifndef BLONDEL_METER_LINK_H
#define BLONDEL_METER_LINK_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the link is little-endian; this machine would have to swap bytes"
#endif

#define BLONDEL_LINK_VERSION 1u

/// Descriptors of the meter's process.
enum { BLONDEL_LINK_SOCKET = 3, BLONDEL_LINK_MEMORY = 4 };

/// Both ends refuse messages longer than this.
enum { BLONDEL_LINK_LONGEST = 65536, BLONDEL_LINK_TEXT = 512 };

enum blondel_link_kind {
  BLONDEL_LINK_HELLO = 1,    ///< meter to bench
  BLONDEL_LINK_WELCOME = 2,  ///< bench to meter
  BLONDEL_LINK_GRANT = 3,    ///< bench to meter
  BLONDEL_LINK_DONE = 4,     ///< meter to bench
  BLONDEL_LINK_ERROR = 5,    ///< meter to bench, followed by text: the last message
  BLONDEL_LINK_STOP = 6,     ///< bench to meter: the last message
};

#pragma pack(push, 1)

struct blondel_link_hello {
  uint32_t kind;
  uint32_t link_version;
  uint32_t firmware_version;  ///< of the hardware abstraction, as the build says it
  char name[64];              ///< of the build, ended by a zero
};

/// Followed by `settings_bytes` of key, zero, value, zero, key, ...
struct blondel_link_welcome {
  uint32_t kind;
  int32_t position;
  int64_t power_up_ns;  ///< bench time
  uint32_t capacity;    ///< samples that fit into the shared memory
  uint32_t nv_bytes;    ///< size of the non-volatile store in the shared memory
  uint32_t settings_bytes;
};

// STAY_AWAKE is for the bench's own host only, never sent to programs: nobody else wants its core, and the next message
// comes soon.
enum blondel_grant_flags { BLONDEL_GRANT_POWER_FAILS = 1, BLONDEL_GRANT_STAY_AWAKE = 2 };

/// Followed by `rx_count` stamped bytes.
struct blondel_link_grant {
  uint32_t kind;
  uint32_t flags;
  uint64_t sequence;
  int64_t until_ns;  ///< bench time up to which the meter may run
  uint32_t samples;  ///< how many samples stand in the shared memory, from its start
  uint32_t rx_count;
  double temperature;  ///< degrees Celsius
};

struct blondel_link_byte {
  int64_t at_ns;  ///< bench time at which the stop bit ends
  uint32_t byte;
};

struct blondel_link_edge {
  int64_t at_ns;
  uint16_t contact;  ///< enum blondel_contact
  uint16_t closed;
};

enum blondel_done_flags {
  BLONDEL_DONE_NV_WRITTEN = 1,  ///< the non-volatile store was written to
  BLONDEL_DONE_LCD = 2,         ///< the LCD's text follows
};

/// Followed by `edge_count` edges, `tx_count` stamped bytes and `lcd_bytes` of text.
struct blondel_link_done {
  uint32_t kind;
  uint32_t flags;
  uint64_t sequence;   ///< of the grant
  int64_t reached_ns;  ///< until_ns, or the instant at which the firmware decided to send
  uint64_t entries;    ///< samples the firmware has been entered with since power-up
  uint32_t samples;    ///< of this grant that were used
  uint32_t rx_count;   ///< of this grant that were used
  uint32_t edge_count;
  uint32_t tx_count;
  uint32_t lcd_bytes;
};

#pragma pack(pop)

/// The shared memory: instants (int64_t, bench time in ns) of `capacity` samples, then their codes (6 int32_t each),
/// then the non-volatile store.
#define BLONDEL_LINK_CODES_OFFSET(capacity) (8u * (capacity))
#define BLONDEL_LINK_NV_OFFSET(capacity) (32u * (capacity))
#define BLONDEL_LINK_MEMORY_BYTES(capacity, nv_bytes) (32u * (capacity) + (nv_bytes))

#endif
