/* Holds the secret of the file `secret` in the way that the first argument names, and waits to be dumped. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LENGTH = 32, PAGE = 4096, BLOCK = 128, HEADER = 64 };

static void fail(const char *what) {
  perror(what);
  _exit(2);
}

/* Straight into its place: no buffer of stdio has a copy. */
static void receive(unsigned char *place) {
  int file = open("secret", O_RDONLY);
  if (file < 0 || read(file, place, LENGTH) != LENGTH) fail("secret");
  close(file);
}

static unsigned char *mapped(int flags, int file) {
  void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
  if (page == MAP_FAILED) fail("mmap");
  return page;
}

static unsigned char *own_page(void) { return mapped(MAP_PRIVATE | MAP_ANONYMOUS, -1); }

static unsigned char *excluded_page(void) {
  unsigned char *page = own_page();
  if (madvise(page, PAGE, MADV_DONTDUMP)) fail("madvise");
  return page;
}

static void page(void) { receive(own_page()); }
static void shared(void) { receive(mapped(MAP_SHARED | MAP_ANONYMOUS, -1)); }
static void excluded(void) { receive(excluded_page()); }

static void copied(void) {
  unsigned char *place = excluded_page();
  receive(place);
  unsigned char *copy = malloc(LENGTH);
  memcpy(copy, place, LENGTH);
  __asm__ volatile("" : : "r"(copy) : "memory"); /* else the compiler removes a copy that is not used */
}

static void locked(void) {
  unsigned char *place = own_page();
  if (mlock(place, PAGE)) fail("mlock");
  receive(place);
}

static void secretmem(void) {
  int file = syscall(SYS_memfd_secret, 0);
  if (file < 0 || ftruncate(file, PAGE)) fail("memfd_secret");
  receive(mapped(MAP_SHARED, file));
}

static void heap(void) { receive(malloc(LENGTH)); }

/* The allocator writes into the first 16 bytes of what is freed, so the secret comes behind a header. */
static void freed(void) {
  unsigned char *block = malloc(BLOCK);
  receive(block + HEADER);
  free(block);
}

static void set_and_freed(void) {
  unsigned char *block = malloc(BLOCK);
  receive(block + HEADER);
  memset(block, 0, BLOCK);
  free(block);
}

static void wiped_and_freed(void) {
  unsigned char *block = malloc(BLOCK);
  receive(block + HEADER);
  explicit_bzero(block, BLOCK);
  free(block);
}

static void undumpable(void) {
  heap();
  if (prctl(PR_SET_DUMPABLE, 0)) fail("prctl");
}

/* The secret is in the environment from the start. */
static void environment(void) {
  if (!getenv("SECRET")) fail("getenv");
}

static void unset(void) {
  environment();
  unsetenv("SECRET");
  if (getenv("SECRET")) fail("unsetenv");
}

static void wait(void) {
  if (write(1, "ready\n", 6) != 6) fail("ready");
  for (;;) pause();
}

/* Below what later calls use of the stack. */
__attribute__((noinline)) static void stack(void) {
  unsigned char frame[2 * PAGE];
  receive(frame);
}

__attribute__((noinline)) static void wiped_stack(void) {
  unsigned char frame[2 * PAGE];
  receive(frame);
  explicit_bzero(frame, LENGTH);
}

__attribute__((noinline)) static void stack_in_use(void) {
  unsigned char frame[2 * PAGE];
  receive(frame);
  wait();
  explicit_bzero(frame, LENGTH);
}

/* Two vector registers, side by side in a core, that nothing uses before the dump. */
static void registers(void) {
  unsigned char place[LENGTH];
  receive(place);
#if defined __x86_64__
  __asm__ volatile("movdqu (%0), %%xmm14; movdqu 16(%0), %%xmm15" : : "r"(place) : "memory");
#elif defined __aarch64__
  __asm__ volatile("ldp q14, q15, [%0]" : : "r"(place) : "memory");
#endif
  explicit_bzero(place, LENGTH);
}

static const struct {
  const char *name;
  void (*hold)(void);
} WAYS[] = {
    {"page", page},
    {"shared", shared},
    {"excluded", excluded},
    {"copied", copied},
    {"locked", locked},
    {"secretmem", secretmem},
    {"heap", heap},
    {"freed", freed},
    {"set and freed", set_and_freed},
    {"wiped and freed", wiped_and_freed},
    {"undumpable", undumpable},
    {"environment", environment},
    {"unset", unset},
    {"stack", stack},
    {"wiped stack", wiped_stack},
    {"stack in use", stack_in_use},
    {"registers", registers},
};

int main(int count, char **arguments) {
  for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
    if (count > 1 && strcmp(WAYS[i].name, arguments[1]) == 0) {
      WAYS[i].hold();
      wait();
    }
  return 2;
}
