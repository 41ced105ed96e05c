#define _GNU_SOURCE
#include "drivers/sim/meter/host/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/sim/meter/host/last_words.h"
#include "drivers/sim/meter/link.h"

void limit_process(bool program) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close_range(BLONDEL_LINK_MEMORY + 1, ~0u, 0);
  const rlim_t gigabyte = (rlim_t)1 << 30;
  const struct {
    __rlimit_resource_t what;
    rlim_t limit;
    bool of_programs;
  } limits[] = {{RLIMIT_CORE, 0, true},
                {RLIMIT_FSIZE, 0, true},
                {RLIMIT_NOFILE, 32, true},
                // Counts threads too, and those of all processes of the user: an interpreter may need some.
                {RLIMIT_NPROC, 0, false},
                {RLIMIT_AS, program ? 4 * gigabyte : gigabyte, true}};
  for (size_t n = 0; n < sizeof limits / sizeof limits[0]; ++n) {
    const struct rlimit both = {limits[n].limit, limits[n].limit};
    if (!program || limits[n].of_programs) setrlimit(limits[n].what, &both);
  }
}

static bool kernel_can_filter(void) {
  const uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static void check(int result) {
  // What this machine has no call of that name for cannot be done on it either.
  if (result != 0 && result != -EDOM && result != -EACCES) {
    char text[BLONDEL_LINK_TEXT];
    snprintf(text, sizeof text, "the meter's process could not be confined: %s", strerror(-result));
    die(text);
  }
}

static scmp_filter_ctx filter_with(uint32_t otherwise) {
  const scmp_filter_ctx filter = seccomp_init(otherwise);
  if (!filter) die("the meter's process could not be confined: no memory");
  // Slower processors' protections against reading one's own memory are not what this filter is for.
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  return filter;
}

static void put_on(scmp_filter_ctx filter) {
  check(seccomp_load(filter));
  seccomp_release(filter);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void add_all(scmp_filter_ctx filter, uint32_t action, const int* calls, size_t count) {
  for (size_t n = 0; n < count; ++n)
    if (calls[n] >= 0) check(seccomp_rule_add(filter, action, calls[n], 0));
}

// Memory, time, the way out, and what stdio asks of descriptors that lead to /dev/null: a printf harms nobody.
static void allow_computing(scmp_filter_ctx filter) {
  const int calls[] = {SCMP_SYS(brk),
                       SCMP_SYS(mmap),
                       SCMP_SYS(munmap),
                       SCMP_SYS(mremap),
                       SCMP_SYS(mprotect),
                       SCMP_SYS(madvise),
                       SCMP_SYS(futex),
                       SCMP_SYS(getrandom),
                       SCMP_SYS(clock_gettime),
                       SCMP_SYS(gettimeofday),
                       SCMP_SYS(getpid),
                       SCMP_SYS(gettid),
                       SCMP_SYS(rt_sigreturn),
                       SCMP_SYS(exit),
                       SCMP_SYS(exit_group),
                       SCMP_SYS(fstat),
                       SCMP_SYS(restart_syscall),
                       SCMP_SYS(sched_yield)};
  add_all(filter, SCMP_ACT_ALLOW, calls, COUNT(calls));
  const int link[] = {SCMP_SYS(sendto), SCMP_SYS(recvfrom)};
  for (size_t n = 0; n < COUNT(link); ++n)
    check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, link[n], 1, SCMP_A0(SCMP_CMP_EQ, BLONDEL_LINK_SOCKET)));
  const int print[] = {SCMP_SYS(write), SCMP_SYS(writev)};
  for (size_t n = 0; n < COUNT(print); ++n)
    check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, print[n], 1, SCMP_A0(SCMP_CMP_LT, BLONDEL_LINK_SOCKET)));
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, TCGETS)));
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                         SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)));
  // Who blocks all signals, as the C library does around a thread's start, could not be told of what follows: so that
  // is made to look done, and so is putting back the mask, for the old one was not told. To ask and to unblock, as
  // abort() does, are what they look like.
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigprocmask), 1, SCMP_A0(SCMP_CMP_EQ, SIG_UNBLOCK)));
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigprocmask), 2, SCMP_A0(SCMP_CMP_NE, SIG_UNBLOCK),
                         SCMP_A1(SCMP_CMP_EQ, 0)));
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), SCMP_SYS(rt_sigprocmask), 2, SCMP_A0(SCMP_CMP_NE, SIG_UNBLOCK),
                         SCMP_A1(SCMP_CMP_NE, 0)));
  // The C library catches its own two signals before it starts a thread. What the build tried is the thread.
  const scmp_datum_t of_threads[] = {32, 33};
  for (size_t n = 0; n < COUNT(of_threads); ++n)
    check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, SCMP_A0(SCMP_CMP_EQ, of_threads[n])));
  // abort() signals its own process.
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())));
}

void permit_loading(void) {
  if (!kernel_can_filter()) return;
  const scmp_filter_ctx filter = filter_with(SCMP_ACT_TRAP);
  allow_computing(filter);
  const int calls[] = {SCMP_SYS(read),       SCMP_SYS(pread64),    SCMP_SYS(close),  SCMP_SYS(lseek),
                       SCMP_SYS(newfstatat), SCMP_SYS(readlink),   SCMP_SYS(access), SCMP_SYS(getcwd),
                       SCMP_SYS(faccessat),  SCMP_SYS(readlinkat), SCMP_SYS(statx),  SCMP_SYS(statfs),
                       SCMP_SYS(seccomp)};
  add_all(filter, SCMP_ACT_ALLOW, calls, COUNT(calls));
  // Others of its commands let the kernel signal anybody when something comes over the link.
  const scmp_datum_t of_descriptors[] = {F_GETFD, F_SETFD, F_GETFL};
  for (size_t n = 0; n < COUNT(of_descriptors); ++n)
    check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, of_descriptors[n])));
  const uint64_t to_write = O_ACCMODE | O_CREAT | O_TRUNC;
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, to_write, O_RDONLY)));
  put_on(filter);
}

void permit_computing(void) {
  if (!kernel_can_filter()) return;
  const scmp_filter_ctx filter = filter_with(SCMP_ACT_TRAP);
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);  // set with the first filter; this one may not set it again
  allow_computing(filter);
  put_on(filter);
}

// Killed at once, so that the bench can tell what happened.
static const int deeds_on_others[] = {SCMP_SYS(fork),
                                      SCMP_SYS(vfork),
                                      SCMP_SYS(ptrace),
                                      SCMP_SYS(tkill),
                                      SCMP_SYS(process_vm_readv),
                                      SCMP_SYS(rt_sigqueueinfo),
                                      SCMP_SYS(pidfd_open),
                                      SCMP_SYS(pidfd_getfd),
                                      SCMP_SYS(pidfd_send_signal),  // takes a folder of /proc too
                                      SCMP_SYS(process_madvise),
                                      SCMP_SYS(setpriority),
                                      SCMP_SYS(shmat),
                                      SCMP_SYS(shmctl),
                                      SCMP_SYS(semop),
                                      SCMP_SYS(semtimedop),
                                      SCMP_SYS(semctl),
                                      SCMP_SYS(msgsnd),
                                      SCMP_SYS(msgrcv),
                                      SCMP_SYS(msgctl),
                                      SCMP_SYS(mq_unlink),
                                      SCMP_SYS(fsopen),
                                      SCMP_SYS(open_tree),
                                      SCMP_SYS(move_mount),
                                      SCMP_SYS(mount_setattr),
                                      SCMP_SYS(process_vm_writev),
                                      SCMP_SYS(bpf),
                                      SCMP_SYS(mount),
                                      SCMP_SYS(rt_tgsigqueueinfo),
                                      SCMP_SYS(umount2),
                                      SCMP_SYS(chroot),
                                      SCMP_SYS(pivot_root),
                                      SCMP_SYS(unshare),
                                      SCMP_SYS(setns),
                                      SCMP_SYS(perf_event_open),
                                      SCMP_SYS(reboot),
                                      SCMP_SYS(swapon),
                                      SCMP_SYS(swapoff),
                                      SCMP_SYS(init_module),
                                      SCMP_SYS(settimeofday),
                                      SCMP_SYS(finit_module),
                                      SCMP_SYS(delete_module),
                                      SCMP_SYS(kexec_load),
                                      SCMP_SYS(clock_settime),
                                      SCMP_SYS(sethostname),
                                      SCMP_SYS(setsid),
                                      SCMP_SYS(setpgid),
                                      SCMP_SYS(userfaultfd),
                                      SCMP_SYS(add_key),
                                      SCMP_SYS(request_key),
                                      SCMP_SYS(keyctl),
                                      SCMP_SYS(adjtimex),
                                      SCMP_SYS(clock_adjtime)};

// A file system that can only be read: an interpreter tries to write its caches and goes on without.
static const int deeds_on_files[] = {
    SCMP_SYS(creat),       SCMP_SYS(mkdir),        SCMP_SYS(mkdirat),      SCMP_SYS(rmdir),     SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),    SCMP_SYS(rename),       SCMP_SYS(renameat),     SCMP_SYS(renameat2), SCMP_SYS(link),
    SCMP_SYS(linkat),      SCMP_SYS(symlink),      SCMP_SYS(symlinkat),    SCMP_SYS(mknod),     SCMP_SYS(mknodat),
    SCMP_SYS(chmod),       SCMP_SYS(fchmod),       SCMP_SYS(fchmodat),     SCMP_SYS(chown),     SCMP_SYS(fchown),
    SCMP_SYS(lchown),      SCMP_SYS(fchownat),     SCMP_SYS(truncate),     SCMP_SYS(utime),     SCMP_SYS(utimes),
    SCMP_SYS(futimesat),   SCMP_SYS(utimensat),    SCMP_SYS(setxattr),     SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
    SCMP_SYS(removexattr), SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr), SCMP_SYS(mq_open),   SCMP_SYS(shmget),
    SCMP_SYS(semget),      SCMP_SYS(msgget)};

// The kernel is to look as if it had no such call: these do at once what is checked one by one elsewhere.
static const int ways_around[] = {SCMP_SYS(clone3), SCMP_SYS(openat2), SCMP_SYS(io_uring_setup),
                                  SCMP_SYS(open_by_handle_at)};

// What the kernel takes as 32 bits is compared as such, or the upper half would be a way around.
static struct scmp_arg_cmp low_half(unsigned argument, uint32_t value) {
  return SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, 0xFFFFFFFFu, value);
}

// A descriptor's owner is signalled by the kernel when something comes, and a terminal's input can be forged.
static void forbid_deeds_by_descriptors(scmp_filter_ctx filter) {
  const uint32_t owners[] = {F_SETOWN, F_SETOWN_EX}, controls[] = {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX};
  for (size_t n = 0; n < COUNT(owners); ++n)
    check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(fcntl), 1, low_half(1, owners[n])));
  for (size_t n = 0; n < COUNT(controls); ++n)
    check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(ioctl), 1, low_half(1, controls[n])));
}

void forbid_harm(void) {
  if (!kernel_can_filter()) return;
  const scmp_filter_ctx filter = filter_with(SCMP_ACT_ALLOW);
  add_all(filter, SCMP_ACT_KILL_PROCESS, deeds_on_others, COUNT(deeds_on_others));
  add_all(filter, SCMP_ACT_ERRNO(EROFS), deeds_on_files, COUNT(deeds_on_files));
  add_all(filter, SCMP_ACT_ERRNO(ENOSYS), ways_around, COUNT(ways_around));
  // Threads are its own affair, processes are not.
  check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)));
  const scmp_datum_t own = (scmp_datum_t)getpid();
  check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(kill), 1, SCMP_A0(SCMP_CMP_NE, own)));
  check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_NE, own)));
  const scmp_datum_t writing[][2] = {
      {O_ACCMODE, O_WRONLY}, {O_ACCMODE, O_RDWR}, {O_CREAT, O_CREAT}, {O_TRUNC, O_TRUNC}};
  for (size_t n = 0; n < COUNT(writing); ++n) {
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EROFS), SCMP_SYS(open), 1,
                           SCMP_A1(SCMP_CMP_MASKED_EQ, writing[n][0], writing[n][1])));
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EROFS), SCMP_SYS(openat), 1,
                           SCMP_A2(SCMP_CMP_MASKED_EQ, writing[n][0], writing[n][1])));
  }
  // An interpreter asks a socket for the name of its user, and goes on without: refused, and not deadly.
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0));
  // Its limits, and that it ends with the bench, are not its own to change.
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setrlimit), 0));
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_NE, 0)));
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1, low_half(0, PR_SET_PDEATHSIG)));
  forbid_deeds_by_descriptors(filter);
  put_on(filter);
}

static const char* deed(int call, uint64_t flags) {
  if ((call == SYS_clone || call == SYS_clone3) && (flags & CLONE_THREAD) != 0) return "start a thread";
  const struct {
    const char* deed;
    int calls[8];  // ended by 0, or by being full; -1 is none on this machine
  } deeds[] = {
      {"start a process", {SYS_clone, SYS_clone3, SCMP_SYS(fork), SCMP_SYS(vfork), SYS_execve, SYS_execveat}},
      {"use a file", {SCMP_SYS(open), SYS_openat, SYS_openat2, SCMP_SYS(creat), SCMP_SYS(unlink), SYS_unlinkat}},
      {"open a socket", {SYS_socket, SYS_socketpair, SYS_connect, SYS_bind}},
      {"wait",
       {SYS_nanosleep, SYS_clock_nanosleep, SCMP_SYS(poll), SYS_ppoll, SCMP_SYS(select), SYS_pselect6,
        SCMP_SYS(pause)}},
      {"signal a process", {SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_fcntl}},
      {"close a descriptor", {SYS_close, SYS_close_range, SYS_dup2, SYS_dup3, SYS_shutdown}},
      {"catch signals", {SYS_rt_sigaction, SYS_sigaltstack, SYS_rt_sigtimedwait}},
      {"change its limits", {SYS_prlimit64, SYS_setrlimit, SYS_prctl, SYS_setpgid, SYS_setsid}}};
  for (size_t n = 0; n < COUNT(deeds); ++n)
    for (size_t k = 0; k < COUNT(deeds[n].calls) && deeds[n].calls[k] != 0; ++k)
      if (deeds[n].calls[k] == call) return deeds[n].deed;
  return "call the system";
}

void describe_forbidden_call(int call, uint64_t flags, unsigned machine, const char* entry, char* text, size_t size) {
  const char* name = seccomp_syscall_resolve_num_arch(machine, call);
  snprintf(text, size, "the build tried to %s (%s) in %s, which no meter may do", deed(call, flags),
           name ? name : "unknown", entry);
}
