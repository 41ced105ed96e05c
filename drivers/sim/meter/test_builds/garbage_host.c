// In the place of the host program: greets as it should and then answers nonsense.

#include <string.h>
#include <sys/socket.h>

#include "drivers/sim/meter/link.h"

int main(void) {
  const struct blondel_link_hello hello = {BLONDEL_LINK_HELLO, BLONDEL_LINK_VERSION, 1, "garbage"};
  if (send(BLONDEL_LINK_SOCKET, &hello, sizeof hello, 0) < 0) return 1;
  char message[1024];
  recv(BLONDEL_LINK_SOCKET, message, sizeof message, 0);
  recv(BLONDEL_LINK_SOCKET, message, sizeof message, 0);
  memset(message, 'x', sizeof message);
  send(BLONDEL_LINK_SOCKET, message, sizeof message, 0);
  recv(BLONDEL_LINK_SOCKET, message, sizeof message, 0);
  return 0;
}
