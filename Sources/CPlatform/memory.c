#include "CPlatform.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void corfu_keep_memory(void) {
#if defined(__GLIBC__)
  // Batches of a megabyte come and go. By default each is mapped, faulted in page by page, and unmapped again.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}
