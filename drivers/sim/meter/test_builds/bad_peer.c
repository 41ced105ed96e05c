// A program that joins over the link and breaks its rules as MISDEED says: compiled once for each.

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/sim/meter/link.h"

enum misdeed {
  peer_garbage,
  peer_oversized,
  peer_short,
  peer_empty,
  peer_wrong_sequence,
  peer_beyond_grant,
  peer_stops_short,
  peer_unasked_message,
  peer_other_link,
  peer_other_abstraction,
  peer_endless_name,
  peer_says_nothing,
  peer_stops_answering,
  peer_closes_its_link,
  peer_exits_at_once,
  peer_forks,
  peer_opens_socket,
  peer_signals_others,
  peer_signals_by_proc,
  peer_owns_its_link,
  peer_outlives_the_bench,
  peer_overlaps,
  peer_speaks_unasked,
  peer_switches_without_end,
  peer_unknown_flags,
  peer_long_lcd
};
static const enum misdeed misdeed = MISDEED;

static void wait_for_ever(void) {
  for (;;) pause();
}

static void put(const void* message, size_t length) {
  if (send(BLONDEL_LINK_SOCKET, message, length, MSG_NOSIGNAL) < 0) _exit(1);
}

static void greet(void) {
  struct blondel_link_hello hello = {BLONDEL_LINK_HELLO, BLONDEL_LINK_VERSION, 1, "bad peer"};
  if (misdeed == peer_other_link) hello.link_version = 7;
  if (misdeed == peer_other_abstraction) hello.firmware_version = 9;
  if (misdeed == peer_endless_name) memset(hello.name, 'x', sizeof hello.name);
  if (misdeed == peer_says_nothing) wait_for_ever();
  if (misdeed == peer_exits_at_once) _exit(0);
  put(&hello, sizeof hello);
  if (misdeed != peer_unasked_message) return;
  const struct blondel_link_done done = {.kind = BLONDEL_LINK_DONE, .sequence = 1};
  put(&done, sizeof done);
}

static void misbehave(void) {
  static char much[BLONDEL_LINK_LONGEST + 1];
  memset(much, 'x', sizeof much);
  if (misdeed == peer_garbage) put(much, 1024);
  if (misdeed == peer_oversized) put(much, sizeof much);
  if (misdeed == peer_short) put(much, 3);
  if (misdeed == peer_empty) put(much, 0);
  if (misdeed == peer_stops_answering) wait_for_ever();
  if (misdeed == peer_closes_its_link) {
    close(BLONDEL_LINK_SOCKET);
    wait_for_ever();
  }
  if (misdeed == peer_forks && fork() == 0) wait_for_ever();
  if (misdeed == peer_opens_socket && socket(AF_INET, SOCK_STREAM, 0) < 0) _exit(9);
  if (misdeed == peer_signals_others) kill(1, SIGCONT);
  if (misdeed == peer_signals_by_proc)
    syscall(SYS_pidfd_send_signal, open("/proc/1", O_RDONLY | O_DIRECTORY), SIGCONT, 0, 0);
  if (misdeed == peer_owns_its_link) syscall(SYS_fcntl, BLONDEL_LINK_SOCKET, 1ll << 32 | F_SETOWN, 1);
  if (misdeed == peer_outlives_the_bench && syscall(SYS_prctl, 1ll << 32 | PR_SET_PDEATHSIG, 0) < 0) _exit(9);
}

static void answer(const struct blondel_link_grant* grant, int speaks, uint64_t entries) {
  static struct __attribute__((packed)) {
    struct blondel_link_done done;
    union __attribute__((packed)) {
      struct blondel_link_byte sent[8];
      struct blondel_link_edge edges[1200];
      char text[300];
    };
  } message;
  struct blondel_link_done* done = &message.done;
  *done = (struct blondel_link_done){.kind = BLONDEL_LINK_DONE,
                                     .sequence = grant->sequence,
                                     .reached_ns = grant->until_ns,
                                     .entries = entries,
                                     .samples = grant->samples,
                                     .rx_count = grant->rx_count};
  size_t length = sizeof *done;
  if (misdeed == peer_wrong_sequence) done->sequence += 1;
  if (misdeed == peer_beyond_grant) done->reached_ns += 1;
  if (misdeed == peer_stops_short) done->reached_ns -= 1;
  if (misdeed == peer_unknown_flags) done->flags = 64;
  if (misdeed == peer_long_lcd) {
    done->flags = BLONDEL_DONE_LCD;
    length += done->lcd_bytes = sizeof message.text;
  }
  if (speaks) {
    done->tx_count = 8;
    // Longer than the longest grant, so that the next frame begins before this one ends.
    const int64_t character_ns = misdeed == peer_overlaps ? 1500000000 : 500000000;
    for (int n = 0; n < 8; ++n)
      message.sent[n] = (struct blondel_link_byte){grant->until_ns + (n + 1) * character_ns, 0x55};
    length += sizeof message.sent;
  }
  if (misdeed == peer_switches_without_end) {
    done->edge_count = 1200;
    for (int n = 0; n < 1200; ++n) message.edges[n] = (struct blondel_link_edge){grant->until_ns, 0, n % 2};
    length += sizeof message.edges;
  }
  put(&message, length);
}

int main(void) {
  static union {
    char bytes[BLONDEL_LINK_LONGEST];
    struct blondel_link_grant grant;
  } message;
  uint64_t entries = 0;
  int asked = 0;
  greet();
  for (;;) {
    if (recv(BLONDEL_LINK_SOCKET, &message, sizeof message, 0) <= 0 || message.grant.kind == BLONDEL_LINK_STOP)
      return 0;
    if (message.grant.kind != BLONDEL_LINK_GRANT) continue;
    misbehave();
    entries += message.grant.samples;
    asked = asked || message.grant.rx_count > 0;
    answer(&message.grant, misdeed == peer_speaks_unasked || (misdeed == peer_overlaps && asked), entries);
    if (message.grant.flags & BLONDEL_GRANT_POWER_FAILS) return 0;
  }
}
