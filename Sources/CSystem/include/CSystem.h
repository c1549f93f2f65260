// The few calls that differ between operating systems, and the one that wants a CPU instruction.
#ifndef CORFU_CSYSTEM_H
#define CORFU_CSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 to begin).
uint32_t corfu_crc32c(uint32_t crc, const void *bytes, size_t count);

/// Makes everything written to `descriptor` durable. Returns 0, or the error number.
int corfu_datasync(int descriptor);

/// Reserves `count` bytes for a file from its start. Returns 0, or the error number.
int corfu_reserve(int descriptor, int64_t count);

/// Opens a file, close-on-exec, with mode 0600 where it is created. Returns a descriptor, or minus the error number.
int corfu_open(const char *path, int flags);

#endif
