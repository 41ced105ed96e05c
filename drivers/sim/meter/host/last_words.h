// How the host says why it ends.
#ifndef BLONDEL_METER_HOST_LAST_WORDS_H
#define BLONDEL_METER_HOST_LAST_WORDS_H

/// What of the build is being run, for whoever tells why it ended: "sample()". A literal.
extern const char* volatile host_entry;

/// Sends an ERROR to the bench and ends the process.
_Noreturn void die(const char* why);

/// Makes a crash, a forbidden call of the system and the bench's question "where do you hang?" (SIGUSR1) end in an
/// ERROR that names the entry, and for a crash the place in the object: "crash.so+0x1139", for addr2line. Where not
/// even that works any more, the signal ends the process.
void leave_last_words(void);

#endif
