// A shared object that is no firmware build.

int nothing_of_interest(void);
int nothing_of_interest(void) {
  return 0;
}
