// blondel-meter-host BUILD: the process in which a firmware build lives. It joins the bench over the link (see
// drivers/sim/meter/link.md) on descriptors 3 and 4, and ends with the supply, the socket or the build.
// blondel-meter-host --program PROGRAM: becomes a program that joins over the link by itself, as confined.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "drivers/sim/meter/host/confinement.h"
#include "drivers/sim/meter/host/last_words.h"
#include "drivers/sim/meter/host/link_input.h"
#include "drivers/sim/meter/link.h"

enum { contacts = 2, most_edges = 2048, most_sent = 512, longest_lcd = 255 };

enum { few_looks = 64, many_looks = 1000 };

static const int64_t second_ns = 1000000000;
// 110 baud and ten million.
static const int64_t longest_character_ns = 100000000, shortest_character_ns = 1000;

static struct {
  const struct blondel_firmware* firmware;
  const int64_t* instants;
  const int32_t* codes;
  uint8_t* nv;
  uint32_t capacity, nv_bytes;

  struct host_settings settings;

  int64_t now;          // bench time of the entry in progress
  int64_t last_sample;  // bench time of the last sample, or of power-up before the first
  uint64_t entries;
  double temperature;
  bool stay_awake;

  // What the contacts' timers hold, in order of time; those due go into the next DONE.
  struct blondel_link_edge timer[most_edges];
  unsigned timer_count;
  bool wants_closed[contacts];  // after everything the timers hold
  int64_t last_edge[contacts];

  struct blondel_link_byte sent[most_sent];
  unsigned sent_count;
  int64_t line_free;  // bench time at which the last character sent has ended
  char lcd[longest_lcd + 1];
  uint32_t flags;
} host;

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
  if (!bytes || count < 1 || count > most_sent) die("uart_send: a frame has 1 to 512 bytes");
  if (start_ns < now_ns(context)) die("uart_send: the start lies in the past");
  if (character_ns < shortest_character_ns || character_ns > longest_character_ns)
    die("uart_send: a character takes 1000 ns to 100 ms");
  if (start_ns - now_ns(context) > 5 * second_ns) die("uart_send: the start lies more than 5 s ahead");
  const int64_t start = bench_time(start_ns);
  // The crystal's error moves the mapping to bench time a little while a frame is under way.
  if (start + character_ns / 2 < host.line_free)
    die("the build floods its port: uart_send begins a frame while its own is still on the line");
  if (count > most_sent - host.sent_count)
    die("the build floods its port: uart_send was given more than 512 bytes in one entry");
  for (uint32_t n = 0; n < count; ++n) {
    struct blondel_link_byte* b = &host.sent[host.sent_count++];
    b->at_ns = start + (int64_t)(n + 1) * character_ns;
    b->byte = bytes[n];
  }
  host.line_free = start + (int64_t)count * character_ns;
}

static void contact(void* context, uint32_t which, int32_t closed, int64_t at_ns) {
  if (which >= contacts) die("contact: there is no such contact");
  int64_t at = bench_time(at_ns);
  if (at_ns < now_ns(context) || at < host.last_edge[which]) die("contact: the instant lies in the past");
  host.last_edge[which] = at;
  if (host.wants_closed[which] == (closed != 0)) return;
  host.wants_closed[which] = closed != 0;
  if (host.timer_count == most_edges)
    die("the build switches its contacts too often: more edges than the timers can hold");
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
  const size_t length = text ? strnlen(text, longest_lcd + 1) : longest_lcd + 1;
  if (length > longest_lcd) die("lcd: expected a text of at most 255 bytes");
  if (strcmp(host.lcd, text) == 0) return;
  memcpy(host.lcd, text, length + 1);
  host.flags |= BLONDEL_DONE_LCD;
}

static const char* setting(void* context, const char* key) {
  (void)context;
  if (!key) die("setting: no key was given");
  for (unsigned n = 0; n < host.settings.count; ++n)
    if (strcmp(host.settings.pair[n].key, key) == 0) {
      host.settings.pair[n].asked = true;
      return host.settings.pair[n].value;
    }
  return 0;
}

static struct blondel_hal hal = {
    BLONDEL_FIRMWARE_VERSION, 0, now_ns, uart_send, contact, 0, nv_read, nv_write, temperature, lcd, setting, refuse};

static void load(const char* build) {
  char text[BLONDEL_LINK_TEXT];
  leave_last_words();
  permit_loading();
  void* object = dlopen(build, RTLD_NOW | RTLD_LOCAL);
  if (!object) {
    snprintf(text, sizeof text, "the build cannot be loaded: %.450s", dlerror());
    die(text);
  }
  blondel_firmware_entry entry = 0;
  *(void**)&entry = dlsym(object, BLONDEL_FIRMWARE_SYMBOL);
  if (!entry) die("the build does not export " BLONDEL_FIRMWARE_SYMBOL);
  permit_computing();
  host_entry = BLONDEL_FIRMWARE_SYMBOL "()";
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
  // The bench mostly asks again within microseconds; to be woken from sleep on another core takes much longer.
  const unsigned looks = host.stay_awake ? many_looks : few_looks;
  ssize_t length = -1;
  for (unsigned n = 0; length < 0 && n < looks; ++n) {
    length = recv(BLONDEL_LINK_SOCKET, message, size, MSG_DONTWAIT);
    if (length < 0) sched_yield();
  }
  if (length < 0) length = recv(BLONDEL_LINK_SOCKET, message, size, 0);
  if (length <= 0) _exit(0);  // the bench is gone
  uint32_t kind = 0;
  if (length >= 4) memcpy(&kind, message, 4);
  if (kind == BLONDEL_LINK_STOP) _exit(0);
  return (size_t)length;
}

static void greet(void) {
  struct blondel_link_hello hello = {BLONDEL_LINK_HELLO, BLONDEL_LINK_VERSION, host.firmware->version, {0}};
  if (host.firmware->name) {
    const size_t length = strnlen(host.firmware->name, sizeof hello.name);
    if (length == sizeof hello.name) die("the build's name does not end within 63 bytes");
    memcpy(hello.name, host.firmware->name, length);
  }
  if (send(BLONDEL_LINK_SOCKET, &hello, sizeof hello, MSG_NOSIGNAL) < 0) _exit(0);

  static char message[BLONDEL_LINK_LONGEST];
  const size_t length = receive(message, sizeof message);
  struct blondel_link_welcome welcome;
  const char* wrong = take_welcome(message, length, &welcome, &host.settings);
  if (wrong) die(wrong);

  struct stat memory;
  const uint64_t bytes = BLONDEL_LINK_MEMORY_BYTES((uint64_t)welcome.capacity, (uint64_t)welcome.nv_bytes);
  if (fstat(BLONDEL_LINK_MEMORY, &memory) != 0 || (uint64_t)memory.st_size < bytes) die("link: memory is too small");
  uint8_t* base = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, BLONDEL_LINK_MEMORY, 0);
  if (base == MAP_FAILED) die("link: the memory cannot be mapped");
  // A build that writes to its samples is told so by a crash, where the store does not begin in the same page.
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), store = BLONDEL_LINK_NV_OFFSET((size_t)welcome.capacity);
  if (store >= page) mprotect(base, store - store % page, PROT_READ);
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
  host_entry = "power_up()";
  host.firmware->power_up(&hal);
  char text[BLONDEL_LINK_TEXT];
  for (unsigned n = 0; n < host.settings.count; ++n) {
    const struct host_setting* setting = &host.settings.pair[n];
    if (setting->asked || strcmp(setting->key, "serial") == 0) continue;
    snprintf(text, sizeof text, "the build does not know the variant '%.100s'", setting->key);
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
      host_entry = "uart_byte()";
      host.firmware->uart_byte((uint8_t)rx[done->rx_count++].byte);
    } else {
      host.now = host.last_sample = sample_at;
      ++host.entries;
      host_entry = "sample()";
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

// Becomes a program that joins by itself: it inherits the link, an empty environment, and what it may not do.
static _Noreturn void become(char* program) {
  char text[BLONDEL_LINK_TEXT];
  char* const argv[] = {program, 0};
  char* const empty[] = {0};
  forbid_harm();
  execve(program, argv, empty);
  snprintf(text, sizeof text, "the program cannot be started: %s%s", strerror(errno),
           errno == ENOENT ? " (perhaps the interpreter it names)" : "");
  die(text);
}

int main(int argc, char** argv) {
  const bool program = argc == 3 && strcmp(argv[1], "--program") == 0;
  if (argc != 2 && !program) die("usage: blondel-meter-host [--program] BUILD, with the link on descriptors 3 and 4");
  limit_process(program);
  // The bench may have ended before it was known here that this process ends with it.
  struct pollfd bench = {BLONDEL_LINK_SOCKET, 0, 0};
  if (poll(&bench, 1, 0) == 1) _exit(0);
  if (program) become(argv[2]);
  load(argv[1]);
  greet();

  static char message[BLONDEL_LINK_LONGEST];
  bool powered = false;
  for (;;) {
    const size_t length = receive(message, sizeof message);
    struct blondel_link_grant grant;
    const char* wrong = take_grant(message, length, host.capacity, &grant);
    if (wrong) die(wrong);
    host.temperature = grant.temperature;
    host.stay_awake = (grant.flags & BLONDEL_GRANT_STAY_AWAKE) != 0;
    if (!powered) power_up();
    powered = true;

    struct blondel_link_done done = {0};
    done.kind = BLONDEL_LINK_DONE;
    done.sequence = grant.sequence;
    run(&grant, (const struct blondel_link_byte*)(const void*)(message + sizeof grant), &done);
    // The supply goes only when its instant was reached, not when the meter stopped to send.
    const bool fails = (grant.flags & BLONDEL_GRANT_POWER_FAILS) && host.now == grant.until_ns &&
                       done.samples == grant.samples && done.rx_count == grant.rx_count && host.sent_count == 0;
    if (fails && host.firmware->power_fail) {
      host_entry = "power_fail()";
      host.firmware->power_fail();
      // The supply is gone: what it says now nobody hears.
      host.sent_count = 0;
    }
    answer(&done);
    if (fails) _exit(0);
  }
}
