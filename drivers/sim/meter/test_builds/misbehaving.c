// The good firmware, until it does what MISDEED says: compiled once for each.

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "drivers/sim/firmware/blondel_firmware.h"

enum misdeed {
  crash_at_load,
  crash_in_power_up,
  crash_in_sample,
  crash_late,
  crash_in_uart_byte,
  crash_in_power_fail,
  exit_at_load,
  exit_in_sample,
  hang_at_load,
  hang_in_power_up,
  hang_in_sample,
  hang_in_uart_byte,
  hang_in_power_fail,
  store_overrun,
  overwrite_samples,
  smash_heap,
  smash_stack,
  exhaust_stack,
  flood,
  flood_in_one_entry,
  edges_in_one_entry,
  edges_without_end,
  unasked,
  early_reply,
  fork_child,
  start_thread,
  open_file,
  write_file_at_load,
  open_socket,
  wait_a_while,
  close_link,
  signal_others,
  mask_signals_and_fork,
  mask_by_the_upper_half,
  catch_what_is_forbidden,
  catch_and_signal_itself,
  thread_from_nowhere,
  own_the_link_at_load,
  remember_signals,
  talk_on_the_link,
  endless_name,
  huge_lcd,
  null_lcd,
  null_entry,
  no_firmware,
  other_version
};
static const enum misdeed misdeed = MISDEED;

// Of the good firmware, which is linked in under another name.
const struct blondel_firmware* good_firmware_v1(void);

static const struct blondel_hal* hal;
static unsigned samples, bytes, quiet;
static const int64_t character_ns = 520833;

static void crash(void) {
  volatile int* volatile nowhere = 0;
  *nowhere = 1;
}

static void hang(void) {
  for (volatile int forever = 1; forever;) {
  }
}

static __attribute__((noinline)) int recurse(int depth) {
  if (depth < 0) return 0;
  volatile char much[4096];
  much[depth & 4095] = (char)depth;
  return recurse(depth + 1) + much[0];
}

static __attribute__((noinline)) char smash(unsigned count) {
  volatile char few[16];
  for (volatile unsigned n = 0; n < count; ++n) few[n] = 'x';
  return few[0];
}

__attribute__((constructor)) static void at_load(void) {
  if (misdeed == crash_at_load) crash();
  if (misdeed == exit_at_load) exit(0);
  if (misdeed == hang_at_load) hang();
  if (misdeed == write_file_at_load) (void)!open("written_by_a_build", O_WRONLY | O_CREAT, 0600);
  if (misdeed == own_the_link_at_load) fcntl(3, F_SETOWN, 1);
}

static void break_the_heap(void) {
  volatile char* block = malloc(24);
  for (int n = -8; n < 32; ++n) block[n] = 'x';
  free((void*)block);
}

static void send_noise(unsigned count) {
  static uint8_t noise[512];
  hal->uart_send(hal->context, noise, count, hal->now_ns(hal->context), character_ns);
}

static void switch_often(void) {
  for (int n = 0; n < 5000; ++n)
    hal->contact(hal->context, BLONDEL_PULSE, n % 2 == 0, hal->now_ns(hal->context) + n * 1000);
}

static void* in_a_thread(void* nothing) {
  return nothing;
}

static void fork_when_caught(int number) {
  (void)number;
  fork();
}

// What the kernel takes, which is not what the C library shows.
struct kernel_action {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};

static void attack_by_signals(void) {
  const uint64_t all = ~0ull;
  const unsigned long with_restorer = 0x04000000;
  const struct kernel_action action = {fork_when_caught, with_restorer, abort, all};
  const int set_mask = misdeed == mask_signals_and_fork;
  if (set_mask) syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, 0, 8);
  if (misdeed == mask_by_the_upper_half) syscall(SYS_rt_sigprocmask, 1ll << 32 | SIG_BLOCK, &all, 0, 8);
  if (set_mask || misdeed == mask_by_the_upper_half) fork();
  if (misdeed == catch_what_is_forbidden) syscall(SYS_rt_sigaction, SIGSYS, &action, 0, 8);
  if (misdeed == catch_and_signal_itself) {
    syscall(SYS_rt_sigaction, 32, &action, 0, 8);
    syscall(SYS_tgkill, getpid(), gettid(), 32);
  }
  if (misdeed == thread_from_nowhere) syscall(SYS_clone3, 8, 64);
}

// Permitted: a firmware may come back from deep down, with the mask of signals it had.
static void come_back(void) {
  static sigjmp_buf here;
  static sigset_t before, now;
  sigprocmask(SIG_BLOCK, 0, &before);
  if (sigsetjmp(here, 1) == 0) siglongjmp(here, 1);
  sigprocmask(SIG_BLOCK, 0, &now);
  if (memcmp(&before, &now, 8) != 0) abort();
}

static void touch_the_system(void) {
  attack_by_signals();
  if (misdeed == remember_signals) come_back();
  const struct timespec second = {1, 0};
  pthread_t thread;
  if (misdeed == start_thread) pthread_create(&thread, NULL, in_a_thread, NULL);
  if (misdeed == fork_child && fork() == 0) hang();
  if (misdeed == open_file) (void)!open("/etc/hostname", O_RDONLY);
  if (misdeed == open_socket) (void)!socket(AF_INET, SOCK_STREAM, 0);
  if (misdeed == wait_a_while) nanosleep(&second, 0);
  if (misdeed == close_link) close(3);
  if (misdeed == signal_others) kill(1, SIGCONT);
  if (misdeed == talk_on_the_link) (void)!write(3, "hello", 5);
}

static void power_up(const struct blondel_hal* given) {
  static char text[5000];
  hal = given;
  if (misdeed == crash_in_power_up) crash();
  if (misdeed == hang_in_power_up) hang();
  if (misdeed == store_overrun) hal->nv_write(hal->context, hal->nv_size - 1, "ab", 2);
  memset(text, 'x', sizeof text - 1);
  if (misdeed == huge_lcd) hal->lcd(hal->context, text);
  if (misdeed == null_lcd) hal->lcd(hal->context, 0);
  good_firmware_v1()->power_up(given);
}

static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  if (++samples == 5000) {
    if (misdeed == crash_in_sample) crash();
    if (misdeed == exit_in_sample) exit(3);
    if (misdeed == hang_in_sample) hang();
    if (misdeed == overwrite_samples) ((int32_t*)(uintptr_t)codes)[0] = 1;
    if (misdeed == smash_heap) break_the_heap();
    if (misdeed == smash_stack) smash(4096);
    if (misdeed == exhaust_stack) recurse(0);
    if (misdeed == unasked) send_noise(7);
    if (misdeed == edges_in_one_entry) switch_often();
    touch_the_system();
  }
  if (misdeed == crash_late && samples == 60 * BLONDEL_SAMPLES_PER_SECOND) crash();
  // A while after a request, for otherwise it would be told that nobody had asked.
  const int answered = bytes > 0 && ++quiet >= 50;
  if (misdeed == flood && answered) send_noise(512);
  if (misdeed == flood_in_one_entry && answered) {
    send_noise(500);
    hal->uart_send(hal->context, (const uint8_t*)"more noise here", 15, hal->now_ns(hal->context) + 500 * character_ns,
                   character_ns);
  }
  if (misdeed == edges_without_end)
    hal->contact(hal->context, BLONDEL_ALARM, samples % 2 == 0, hal->now_ns(hal->context));
  good_firmware_v1()->sample(codes);
}

static void uart_byte(uint8_t byte) {
  ++bytes;
  quiet = 0;
  if (misdeed == crash_in_uart_byte) crash();
  if (misdeed == hang_in_uart_byte) hang();
  if (misdeed == early_reply) {
    // What the meter answers to 01 03 00 81 00 01, complete with its check, but after the third byte: the shortest
    // request has four.
    static const uint8_t reply[] = {1, 3, 2, 0, 40, 0xB8, 0x5A};
    if (bytes == 3) hal->uart_send(hal->context, reply, sizeof reply, hal->now_ns(hal->context), character_ns);
    return;
  }
  good_firmware_v1()->uart_byte(byte);
}

static void power_fail(void) {
  if (misdeed == crash_in_power_fail) crash();
  if (misdeed == hang_in_power_fail) hang();
  good_firmware_v1()->power_fail();
}

const struct blondel_firmware* blondel_firmware_v1(void) {
  static char endless[4096];
  static struct blondel_firmware firmware = {
      BLONDEL_FIRMWARE_VERSION, "misbehaving", power_up, sample, uart_byte, power_fail};
  memset(endless, 'x', sizeof endless);
  if (misdeed == endless_name) firmware.name = endless;
  if (misdeed == null_entry) firmware.sample = 0;
  if (misdeed == other_version) firmware.version = 99;
  return misdeed == no_firmware ? 0 : &firmware;
}
