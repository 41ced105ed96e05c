// What the process of a meter may do: compute, and speak over its link.
#ifndef BLONDEL_METER_HOST_CONFINEMENT_H
#define BLONDEL_METER_HOST_CONFINEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Ends with the bench, has no descriptors but those of the link, and resource limits. Before anything foreign runs.
/// @param program  a program joins by itself: it is given the room that an interpreter needs
void limit_process(bool program);

// Each of these takes more away, for good. They do nothing on a kernel without seccomp filters; where there are some
// and they cannot be set up, the process ends.

/// Only what loading a shared object needs: reading files and mapping them, and computing.
void permit_loading(void);
/// Only what computing needs, and the link.
void permit_computing(void);
/// For a program: everything but sockets, processes, other processes' affairs and writing to files.
void forbid_harm(void);

/// "the build tried to start a process (clone) in sample(), which no meter may do"
/// @param flags  of clone and clone3: a thread is told from a process
void describe_forbidden_call(int call, uint64_t flags, unsigned machine, const char* entry, char* text, size_t size);

#endif
