// blondel-meter-host BUILD: the process in which a firmware build lives. It joins the bench over the link (see
// drivers/sim/meter/link.md) on descriptors 3 and 4, and ends with the supply, the socket or the build.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "drivers/sim/meter/link.h"

enum { contacts = 2, most_edges = 2048, most_sent = 512, most_settings = 128, longest_lcd = 255 };

static const int64_t second_ns = 1000000000;

static struct {
  const struct blondel_firmware* firmware;
  const int64_t* instants;
  const int32_t* codes;
  uint8_t* nv;
  uint32_t capacity, nv_bytes;

  char settings[BLONDEL_LINK_LONGEST];
  struct {
    const char *key, *value;
    bool asked;
  } setting[most_settings];
  unsigned setting_count;

  int64_t now;          // bench time of the entry in progress
  int64_t last_sample;  // bench time of the last sample, or of power-up before the first
  uint64_t entries;
  double temperature;

  // What the contacts' timers hold, in order of time; those due go into the next DONE.
  struct blondel_link_edge timer[most_edges];
  unsigned timer_count;
  bool wants_closed[contacts];  // after everything the timers hold
  int64_t last_edge[contacts];

  struct blondel_link_byte sent[most_sent];
  unsigned sent_count;
  char lcd[longest_lcd + 1];
  uint32_t flags;
} host;

static _Noreturn void die(const char* why) {
  char message[4 + BLONDEL_LINK_TEXT];
  const uint32_t kind = BLONDEL_LINK_ERROR;
  size_t length = strnlen(why, BLONDEL_LINK_TEXT);
  memcpy(message, &kind, 4);
  memcpy(message + 4, why, length);
  (void)!send(BLONDEL_LINK_SOCKET, message, 4 + length, MSG_NOSIGNAL);
  _exit(70);
}

static void refuse(void* context, const char* why) {
  (void)context;
  char text[BLONDEL_LINK_TEXT];
  snprintf(text, sizeof text, "the build refuses to run: %.450s", why ? why : "(no reason given)");
  die(text);
}

// By the meter's own crystal: the samples are its ticks, and what has passed since the last one is added.
static int64_t own_time_of_last_sample(void) {
  return host.entries == 0 ? 0 : (int64_t)((host.entries - 1) * (uint64_t)second_ns / BLONDEL_SAMPLES_PER_SECOND);
}

static int64_t now_ns(void* context) {
  (void)context;
  return own_time_of_last_sample() + (host.now - host.last_sample);
}

static int64_t bench_time(int64_t own) {
  return host.last_sample + (own - own_time_of_last_sample());
}

static void uart_send(void* context, const uint8_t* bytes, uint32_t count, int64_t start_ns, int64_t character_ns) {
  if (count < 1 || count > most_sent - host.sent_count) die("uart_send: more bytes than a frame has");
  if (start_ns < now_ns(context)) die("uart_send: the start lies in the past");
  if (character_ns < 1000 || character_ns > second_ns) die("uart_send: no such character time");
  const int64_t start = bench_time(start_ns);
  for (uint32_t n = 0; n < count; ++n) {
    struct blondel_link_byte* b = &host.sent[host.sent_count++];
    b->at_ns = start + (int64_t)(n + 1) * character_ns;
    b->byte = bytes[n];
  }
}

static void contact(void* context, uint32_t which, int32_t closed, int64_t at_ns) {
  if (which >= contacts) die("contact: there is no such contact");
  int64_t at = bench_time(at_ns);
  if (at_ns < now_ns(context) || at < host.last_edge[which]) die("contact: the instant lies in the past");
  host.last_edge[which] = at;
  if (host.wants_closed[which] == (closed != 0)) return;
  host.wants_closed[which] = closed != 0;
  if (host.timer_count == most_edges) die("contact: more edges than the timers can hold");
  // An insertion from the end: nearly always the newest is the last.
  unsigned n = host.timer_count++;
  for (; n > 0 && host.timer[n - 1].at_ns > at; --n) host.timer[n] = host.timer[n - 1];
  host.timer[n].at_ns = at;
  host.timer[n].contact = (uint16_t)which;
  host.timer[n].closed = closed != 0;
}

static void check_store(uint32_t offset, uint32_t count) {
  if (offset > host.nv_bytes || count > host.nv_bytes - offset) die("the non-volatile store was used beyond its end");
}

static void nv_read(void* context, uint32_t offset, void* bytes, uint32_t count) {
  (void)context;
  check_store(offset, count);
  memcpy(bytes, host.nv + offset, count);
}

static void nv_write(void* context, uint32_t offset, const void* bytes, uint32_t count) {
  (void)context;
  check_store(offset, count);
  memcpy(host.nv + offset, bytes, count);
  host.flags |= BLONDEL_DONE_NV_WRITTEN;
}

static double temperature(void* context) {
  (void)context;
  return host.temperature;
}

static void lcd(void* context, const char* text) {
  (void)context;
  if (strncmp(host.lcd, text, longest_lcd) == 0) return;
  snprintf(host.lcd, sizeof host.lcd, "%s", text);
  host.flags |= BLONDEL_DONE_LCD;
}

static const char* setting(void* context, const char* key) {
  (void)context;
  for (unsigned n = 0; n < host.setting_count; ++n)
    if (strcmp(host.setting[n].key, key) == 0) {
      host.setting[n].asked = true;
      return host.setting[n].value;
    }
  return 0;
}

static struct blondel_hal hal = {
    BLONDEL_FIRMWARE_VERSION, 0, now_ns, uart_send, contact, 0, nv_read, nv_write, temperature, lcd, setting, refuse};

// The meter may do what a meter can: compute. No children, no files, no cores, and it ends with the bench.
static void confine(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close_range(BLONDEL_LINK_MEMORY + 1, ~0u, 0);
  const struct {
    __rlimit_resource_t what;
    rlim_t limit;
  } limits[] = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NOFILE, 16}, {RLIMIT_NPROC, 0}, {RLIMIT_AS, 1u << 30}};
  for (unsigned n = 0; n < sizeof limits / sizeof limits[0]; ++n) {
    const struct rlimit both = {limits[n].limit, limits[n].limit};
    setrlimit(limits[n].what, &both);
  }
}

static void load(const char* build) {
  char text[BLONDEL_LINK_TEXT];
  void* object = dlopen(build, RTLD_NOW | RTLD_LOCAL);
  if (!object) {
    snprintf(text, sizeof text, "the build cannot be loaded: %.450s", dlerror());
    die(text);
  }
  blondel_firmware_entry entry = 0;
  *(void**)&entry = dlsym(object, BLONDEL_FIRMWARE_SYMBOL);
  if (!entry) die("the build does not export " BLONDEL_FIRMWARE_SYMBOL);
  host.firmware = entry();
  if (!host.firmware) die("the build's " BLONDEL_FIRMWARE_SYMBOL " returned nothing");
  if (host.firmware->version != BLONDEL_FIRMWARE_VERSION) {
    snprintf(text, sizeof text, "the build was made for version %u of the hardware abstraction, this bench has %u",
             host.firmware->version, BLONDEL_FIRMWARE_VERSION);
    die(text);
  }
  if (!host.firmware->power_up || !host.firmware->sample || !host.firmware->uart_byte)
    die("the build lacks power_up, sample or uart_byte");
}

static size_t receive(void* message, size_t size) {
  const ssize_t length = recv(BLONDEL_LINK_SOCKET, message, size, 0);
  if (length <= 0) _exit(0);  // the bench is gone
  uint32_t kind = 0;
  if (length >= 4) memcpy(&kind, message, 4);
  if (kind == BLONDEL_LINK_STOP) _exit(0);
  return (size_t)length;
}

static void take_settings(const char* at, const char* end) {
  while (at < end && host.setting_count < most_settings) {
    const char* key = at;
    const char* value = key + strnlen(key, (size_t)(end - key)) + 1;
    if (value >= end) break;
    host.setting[host.setting_count].key = key;
    host.setting[host.setting_count++].value = value;
    at = value + strnlen(value, (size_t)(end - value)) + 1;
  }
}

static void greet(void) {
  struct blondel_link_hello hello = {BLONDEL_LINK_HELLO, BLONDEL_LINK_VERSION, host.firmware->version, {0}};
  if (host.firmware->name) snprintf(hello.name, sizeof hello.name, "%s", host.firmware->name);
  if (send(BLONDEL_LINK_SOCKET, &hello, sizeof hello, MSG_NOSIGNAL) < 0) _exit(0);

  static char message[BLONDEL_LINK_LONGEST];
  const size_t length = receive(message, sizeof message);
  struct blondel_link_welcome welcome;
  if (length < sizeof welcome) die("link: WELCOME is too short");
  memcpy(&welcome, message, sizeof welcome);
  if (welcome.kind != BLONDEL_LINK_WELCOME || length != sizeof welcome + welcome.settings_bytes)
    die("link: WELCOME was expected");
  memcpy(host.settings, message + sizeof welcome, welcome.settings_bytes);
  take_settings(host.settings, host.settings + welcome.settings_bytes);

  struct stat memory;
  const uint64_t bytes = BLONDEL_LINK_MEMORY_BYTES((uint64_t)welcome.capacity, (uint64_t)welcome.nv_bytes);
  if (fstat(BLONDEL_LINK_MEMORY, &memory) != 0 || (uint64_t)memory.st_size < bytes) die("link: memory is too small");
  uint8_t* base = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, BLONDEL_LINK_MEMORY, 0);
  if (base == MAP_FAILED) die("link: the memory cannot be mapped");
  host.instants = (const int64_t*)base;
  host.codes = (const int32_t*)(base + BLONDEL_LINK_CODES_OFFSET(welcome.capacity));
  host.nv = base + BLONDEL_LINK_NV_OFFSET(welcome.capacity);
  host.capacity = welcome.capacity;
  host.nv_bytes = hal.nv_size = welcome.nv_bytes;
  host.now = host.last_sample = welcome.power_up_ns;
  for (int k = 0; k < contacts; ++k) host.last_edge[k] = welcome.power_up_ns;
  host.wants_closed[BLONDEL_ALARM] = true;
}

static void power_up(void) {
  host.firmware->power_up(&hal);
  char text[BLONDEL_LINK_TEXT];
  for (unsigned n = 0; n < host.setting_count; ++n)
    if (!host.setting[n].asked && strcmp(host.setting[n].key, "serial") != 0) {
      snprintf(text, sizeof text, "the build does not know the variant '%.100s'", host.setting[n].key);
      die(text);
    }
}

// Runs the firmware through a grant, samples and bytes merged by time; stops where it begins to send.
static void run(const struct blondel_link_grant* grant, const struct blondel_link_byte* rx,
                struct blondel_link_done* done) {
  while (host.sent_count == 0) {
    const bool sample = done->samples < grant->samples;
    const bool byte = done->rx_count < grant->rx_count;
    if (!sample && !byte) break;
    const int64_t sample_at = sample ? host.instants[done->samples] : INT64_MAX;
    const int64_t byte_at = byte ? rx[done->rx_count].at_ns : INT64_MAX;
    if (byte_at <= sample_at) {
      if (byte_at > host.now) host.now = byte_at;
      host.firmware->uart_byte((uint8_t)rx[done->rx_count++].byte);
    } else {
      host.now = host.last_sample = sample_at;
      ++host.entries;
      host.firmware->sample(&host.codes[(size_t)done->samples++ * BLONDEL_CHANNELS]);
    }
  }
  if (host.sent_count == 0) host.now = grant->until_ns;
}

static void answer(struct blondel_link_done* done) {
  static char message[BLONDEL_LINK_LONGEST];
  size_t length = sizeof *done;
  while (done->edge_count < host.timer_count && host.timer[done->edge_count].at_ns <= host.now) ++done->edge_count;
  memcpy(message + length, host.timer, done->edge_count * sizeof host.timer[0]);
  length += done->edge_count * sizeof host.timer[0];
  host.timer_count -= done->edge_count;
  memmove(host.timer, host.timer + done->edge_count, host.timer_count * sizeof host.timer[0]);

  done->tx_count = host.sent_count;
  memcpy(message + length, host.sent, host.sent_count * sizeof host.sent[0]);
  length += host.sent_count * sizeof host.sent[0];
  host.sent_count = 0;

  done->flags = host.flags;
  if (host.flags & BLONDEL_DONE_LCD) {
    done->lcd_bytes = (uint32_t)strlen(host.lcd);
    memcpy(message + length, host.lcd, done->lcd_bytes);
    length += done->lcd_bytes;
  }
  host.flags = 0;

  done->reached_ns = host.now;
  done->entries = host.entries;
  memcpy(message, done, sizeof *done);
  if (send(BLONDEL_LINK_SOCKET, message, length, MSG_NOSIGNAL) < 0) _exit(0);
}

int main(int argc, char** argv) {
  confine();
  if (argc != 2) die("usage: blondel-meter-host BUILD, with the link on descriptors 3 and 4");
  load(argv[1]);
  greet();

  static char message[BLONDEL_LINK_LONGEST];
  bool powered = false;
  for (;;) {
    const size_t length = receive(message, sizeof message);
    struct blondel_link_grant grant;
    if (length < sizeof grant) die("link: GRANT is too short");
    memcpy(&grant, message, sizeof grant);
    if (grant.kind != BLONDEL_LINK_GRANT || grant.samples > host.capacity ||
        length != sizeof grant + grant.rx_count * sizeof(struct blondel_link_byte))
      die("link: GRANT was expected");
    host.temperature = grant.temperature;
    if (!powered) power_up();
    powered = true;

    struct blondel_link_done done = {0};
    done.kind = BLONDEL_LINK_DONE;
    done.sequence = grant.sequence;
    run(&grant, (const struct blondel_link_byte*)(const void*)(message + sizeof grant), &done);
    // The supply goes only when its instant was reached, not when the meter stopped to send.
    const bool fails = (grant.flags & BLONDEL_GRANT_POWER_FAILS) && host.now == grant.until_ns &&
                       done.samples == grant.samples && done.rx_count == grant.rx_count && host.sent_count == 0;
    if (fails && host.firmware->power_fail) host.firmware->power_fail();
    answer(&done);
    if (fails) _exit(0);
  }
}
