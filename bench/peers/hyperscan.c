/*
 * Hyperscan as the peer of the sweep benchmark.
 *
 *   cc -O2 -o hyperscan bench/peers/hyperscan.c -lhs
 *   hyperscan FILE PATTERNS CHUNK
 *
 * PATTERNS has one pattern per line: id, 1 if caseless, bytes in hex. Standard input has a command per line:
 *   memory     a timed pass over the file in memory
 *   file       a timed pass that reads the file from the page cache, chunk by chunk, into one buffer
 *   dump PATH  writes the hits of the last pass as pairs of u64: start, id
 * Each pass prints "nanoseconds processor-nanoseconds hits". A chunk is scanned together with the bytes after
 * it, up to the longest pattern minus one, and a hit belongs to the chunk it starts in: the hits are those of
 * one scan of the file.
 *
 * hs_compile_lit_multi takes a pattern with a leading NUL for an empty one. Leading NULs are therefore
 * removed from the pattern and compared in each hit.
 */
#include <fcntl.h>
#include <hs/hs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_PATTERNS 100000
#define MAX_LINE (1 << 17)

struct hit {
  uint64_t start, id;
};

static struct {
  const char *bytes[MAX_PATTERNS];
  /* Length without leading NULs, and their number. */
  size_t length[MAX_PATTERNS], nuls[MAX_PATTERNS];
  unsigned index[MAX_PATTERNS], flags[MAX_PATTERNS], id[MAX_PATTERNS];
  unsigned count;
  size_t longest;
} patterns;

static struct {
  struct hit *all;
  size_t count, room;
  /* Of the current chunk. */
  const char *bytes;
  size_t base, length;
} hits;

static void die(const char *what) {
  fprintf(stderr, "hyperscan: %s\n", what);
  exit(2);
}

static void read_patterns(const char *path) {
  static char line[MAX_LINE];
  FILE *file = fopen(path, "r");
  if (!file) die("cannot open the patterns");
  while (fgets(line, sizeof line, file)) {
    unsigned n = patterns.count, id, caseless;
    int hex = 0;
    if (n == MAX_PATTERNS || sscanf(line, "%u %u %n", &id, &caseless, &hex) != 2) die("bad pattern line");
    size_t length = strcspn(line + hex, "\n") / 2;
    unsigned char *bytes = malloc(length + 1);
    for (size_t i = 0; i < length; i++) sscanf(line + hex + 2 * i, "%2hhx", &bytes[i]);
    size_t nuls = 0;
    while (nuls < length && bytes[nuls] == 0) nuls++;
    if (nuls == length) die("a pattern of NULs alone");
    patterns.bytes[n] = (const char *)bytes + nuls;
    patterns.length[n] = length - nuls;
    patterns.nuls[n] = nuls;
    patterns.index[n] = n;
    patterns.id[n] = id;
    patterns.flags[n] = caseless ? HS_FLAG_CASELESS : 0;
    if (length > patterns.longest) patterns.longest = length;
    patterns.count++;
  }
  fclose(file);
}

static int on_hit(unsigned index, unsigned long long from, unsigned long long to, unsigned flags,
                  void *context) {
  (void)from, (void)flags, (void)context;
  size_t start = to - patterns.length[index];
  /* A hit that starts before the chunk was found in the previous one. */
  if (start < patterns.nuls[index]) return 0;
  for (size_t i = 0; i < patterns.nuls[index]; i++)
    if (hits.bytes[--start] != 0) return 0;
  if (start >= hits.length) return 0;
  if (hits.count == hits.room) {
    hits.room = hits.room ? 2 * hits.room : 1 << 16;
    hits.all = realloc(hits.all, hits.room * sizeof *hits.all);
    if (!hits.all) die("out of memory");
  }
  hits.all[hits.count++] = (struct hit){hits.base + start, patterns.id[index]};
  return 0;
}

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) die("usage: hyperscan FILE PATTERNS CHUNK");
  read_patterns(argv[2]);
  size_t chunk = strtoull(argv[3], NULL, 10);
  int fd = open(argv[1], O_RDONLY);
  struct stat facts;
  if (fd < 0 || fstat(fd, &facts) || chunk == 0) die("cannot open the file");
  size_t size = facts.st_size;
  char *memory = malloc(size + 1), *window = malloc(chunk + patterns.longest);
  for (size_t at = 0; at < size;) {
    ssize_t n = pread(fd, memory + at, size - at, at);
    if (n <= 0) die("cannot read the file");
    at += n;
  }

  hs_database_t *database;
  hs_compile_error_t *error;
  hs_scratch_t *scratch = NULL;
  if (hs_compile_lit_multi(patterns.bytes, patterns.flags, patterns.index, patterns.length, patterns.count,
                           HS_MODE_BLOCK, NULL, &database, &error))
    die(error->message);
  if (hs_alloc_scratch(database, &scratch)) die("no scratch space");
  puts("ready");
  fflush(stdout);

  static char command[4096];
  while (fgets(command, sizeof command, stdin)) {
    command[strcspn(command, "\n")] = 0;
    if (!strncmp(command, "dump ", 5)) {
      FILE *out = fopen(command + 5, "wb");
      if (!out || fwrite(hits.all, sizeof *hits.all, hits.count, out) != hits.count)
        die("cannot write the hits");
      fclose(out);
      puts("done");
    } else {
      int from_file = !strcmp(command, "file");
      double start = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
      hits.count = 0;
      for (size_t at = 0; at < size; at += chunk) {
        size_t length = size - at < chunk ? size - at : chunk, rest = size - at - length;
        size_t margin = rest < patterns.longest - 1 ? rest : patterns.longest - 1;
        hits.base = at;
        hits.length = length;
        char *bytes = memory + at;
        if (from_file) {
          bytes = window;
          if (pread(fd, window, length + margin, at) != (ssize_t)(length + margin))
            die("cannot read the file");
        }
        hits.bytes = bytes;
        if (hs_scan(database, bytes, length + margin, 0, scratch, on_hit, NULL)) die("the scan failed");
      }
      double wall = now(CLOCK_MONOTONIC) - start, processor = now(CLOCK_PROCESS_CPUTIME_ID) - used;
      printf("%.0f %.0f %zu\n", wall, processor, hits.count);
    }
    fflush(stdout);
  }
  return 0;
}
