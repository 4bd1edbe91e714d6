/* Holds the secret of the file `secret` in memory of libsodium. Its headers may be missing: declared here. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sodium_init(void);
void *sodium_malloc(size_t length);
int sodium_mlock(void *place, size_t length);

enum { LENGTH = 32, PAGE = 4096 };

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "";
  if (sodium_init() < 0) return 2;
  unsigned char *place;
  if (strcmp(way, "sodium_malloc") == 0)
    place = sodium_malloc(LENGTH);
  else if (strstr(way, "aligned") == way)
    place = aligned_alloc(PAGE, PAGE);
  else
    place = malloc(PAGE);
  if (!place) return 2;
  /* Not aligned: mlock succeeds, madvise fails, and sodium_mlock reports neither. */
  if (strstr(way, "locked") && sodium_mlock(place, PAGE) != 0) return 3;
  int file = open("secret", O_RDONLY);
  if (file < 0 || read(file, place, LENGTH) != LENGTH) return 2;
  close(file);
  if (write(1, "ready\n", 6) != 6) return 2;
  for (;;) pause();
}
