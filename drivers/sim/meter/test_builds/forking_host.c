// In the place of the host program, with nothing that holds it back: starts a child that would outlive it.

#define _GNU_SOURCE
#include <unistd.h>

int main(void) {
  if (fork() >= 0)
    for (;;) pause();
  return 1;
}
