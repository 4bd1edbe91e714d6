/*
 * Forks a process with SIZE MiB, TENTHS of whose pages are written: random words if all are, else its number.
 * Prints the milliseconds from abort(3) to the end of the process.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  size_t size = (size_t)(atof(argv[1]) * 1048576), tenths = atoi(argv[2]);
  int ends[2], status;
  double start;
  if (pipe(ends)) return 1;
  if (fork() == 0) {
    uint64_t x = 88172645463325252u ^ (uint64_t)now();
    uint64_t *m = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(m, size, MADV_NOHUGEPAGE);
    for (size_t page = 0; page < size / 4096; page++)
      for (size_t i = 0; i < 512 && page % 10 < tenths; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        m[page * 512 + i] = tenths == 10 ? x : page;
      }
    start = now();
    if (write(ends[1], &start, sizeof start) != sizeof start) return 1;
    abort();
  }
  if (read(ends[0], &start, sizeof start) != sizeof start) return 1;
  wait(&status);
  printf("%.1f\n", now() - start);
  return !WCOREDUMP(status);
}
