#define _GNU_SOURCE
#include "drivers/sim/meter/host/last_words.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "drivers/sim/meter/host/confinement.h"
#include "drivers/sim/meter/link.h"

const char* volatile host_entry = "its constructors";

_Noreturn void die(const char* why) {
  char message[4 + BLONDEL_LINK_TEXT];
  const uint32_t kind = BLONDEL_LINK_ERROR;
  const size_t length = strnlen(why, BLONDEL_LINK_TEXT);
  memcpy(message, &kind, 4);
  memcpy(message + 4, why, length);
  (void)!send(BLONDEL_LINK_SOCKET, message, 4 + length, MSG_NOSIGNAL | MSG_DONTWAIT);
  _exit(70);
}

static const void* interrupted_at(const void* context) {
  const ucontext_t* at = context;
#if defined(__x86_64__)
  return (const void*)(uintptr_t)at->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  return (const void*)(uintptr_t)at->uc_mcontext.pc;
#else
  (void)at;
  return 0;
#endif
}

// The offset in the object, not the address: the same for every run of the same build.
static void describe_place(const void* place, char* text, size_t size) {
  Dl_info object;
  text[0] = 0;
  if (!place || dladdr(place, &object) == 0 || !object.dli_fname) return;
  const char* slash = strrchr(object.dli_fname, '/');
  snprintf(text, size, ", at %.100s+0x%zx", slash ? slash + 1 : object.dli_fname,
           (size_t)((uintptr_t)place - (uintptr_t)object.dli_fbase));
}

// The forbidden call that is being told, or none. Its arguments may lead nowhere.
static volatile int told_call = -1;
static volatile unsigned told_machine;

static _Noreturn void tell_forbidden(uint64_t flags) {
  char text[BLONDEL_LINK_TEXT];
  describe_forbidden_call(told_call, flags, told_machine, host_entry, text, sizeof text);
  die(text);
}

static void crashed(int number, siginfo_t* details, void* context) {
  (void)details;
  if (told_call >= 0) tell_forbidden(0);
  char place[160], text[BLONDEL_LINK_TEXT];
  describe_place(interrupted_at(context), place, sizeof place);
  snprintf(text, sizeof text, "the build crashed with signal %d (%s) in %s%s", number, sigdescr_np(number), host_entry,
           place);
  die(text);
}

// The flags of clone are its first argument; of clone3 they stand first in what that points to.
static uint64_t flags_of(int call, const void* context) {
  const ucontext_t* at = context;
  uint64_t first = 0;
#if defined(__x86_64__)
  first = (uint64_t)at->uc_mcontext.gregs[REG_RDI];
#elif defined(__aarch64__)
  first = at->uc_mcontext.regs[0];
#else
  (void)at;
#endif
  if (call == SYS_clone) return first;
  return call == SYS_clone3 && first != 0 ? *(const uint64_t*)(uintptr_t)first : 0;
}

static void forbidden(int number, siginfo_t* details, void* context) {
  (void)number;
  told_machine = details->si_arch;
  told_call = details->si_syscall;
  tell_forbidden(flags_of(details->si_syscall, context));
}

static void asked_where(int number) {
  (void)number;
  char text[BLONDEL_LINK_TEXT];
  snprintf(text, sizeof text, "the build hung in %s", host_entry);
  die(text);
}

void leave_last_words(void) {
  // A stack of their own, for a build that has used up or overwritten the other one.
  static char other_stack[65536];
  const stack_t stack = {.ss_sp = other_stack, .ss_flags = 0, .ss_size = sizeof other_stack};
  sigaltstack(&stack, 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigfillset(&action.sa_mask);
  sigdelset(&action.sa_mask, SIGSEGV);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND;
  action.sa_sigaction = crashed;
  const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
  for (size_t n = 0; n < sizeof crashes / sizeof crashes[0]; ++n) sigaction(crashes[n], &action, 0);
  action.sa_sigaction = forbidden;
  sigaction(SIGSYS, &action, 0);
  action.sa_flags = SA_ONSTACK;
  action.sa_handler = asked_where;
  sigaction(SIGUSR1, &action, 0);
}
