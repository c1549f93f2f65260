// Counts a program's calls for memory: load it in front with LD_PRELOAD (glibc only). At the end it
// prints their number.
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_ulong calls;

void *malloc(size_t count) {
  atomic_fetch_add(&calls, 1);
  return __libc_malloc(count);
}

void *calloc(size_t items, size_t count) {
  atomic_fetch_add(&calls, 1);
  return __libc_calloc(items, count);
}

void *realloc(void *old, size_t count) {
  atomic_fetch_add(&calls, 1);
  return __libc_realloc(old, count);
}

void *aligned_alloc(size_t alignment, size_t count) {
  atomic_fetch_add(&calls, 1);
  return __libc_memalign(alignment, count);
}

int posix_memalign(void **place, size_t alignment, size_t count) {
  atomic_fetch_add(&calls, 1);
  *place = __libc_memalign(alignment, count);
  return *place == NULL ? 12 : 0;
}

__attribute__((destructor)) static void report(void) {
  fprintf(stderr, "allocations: %lu\n", atomic_load(&calls));
}
