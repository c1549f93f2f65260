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

/// Has the disk begin with bytes that were written, and does not wait for it. Promises nothing: only a sync does.
/// Returns 0, or the error number.
int corfu_begin_write_back(int descriptor, int64_t offset, int64_t count);

/// Has the system forget what it has in memory of a file, as far as that is on the disk: whoever reads it next reads the
/// disk. For benchmarks. Returns 0, or the error number; elsewhere than on Linux ENOTSUP.
int corfu_forget_pages(int descriptor);

/// Reserves `count` bytes for a file from its start. Returns 0, or the error number.
int corfu_reserve(int descriptor, int64_t count);

/// Tells how many bytes this process may still take on the file system that a folder is on.
/// Returns 0, or the error number.
int corfu_free_bytes(const char *path, int64_t *count);

/// Opens a file, close-on-exec, with mode 0600 where it is created. Returns a descriptor, or minus the error number.
int corfu_open(const char *path, int flags);

/// Takes a lock on an open file for this process, without waiting. Returns 0, or the error number.
int corfu_lock(int descriptor);

/// Tells how many files and connections this process may have open, and how many it may allow itself; INT64_MAX for any
/// number. Returns 0, or the error number.
int corfu_open_files(int64_t *limit, int64_t *limit_max);

/// Allows this process to have so many files and connections open. Returns 0, or the error number.
int corfu_allow_open_files(int64_t limit);

/// Has the process keep memory that it frees, to use it again, where the C library would give each large piece back to
/// the system. For programs that are servers; does nothing elsewhere than with glibc.
void corfu_keep_memory(void);

/// Starts a thread that runs `body(context)`. Returns 0, or the error number.
int corfu_thread_start(void (*body)(void *context), void *context);

/// Something a thread waits at until another one opens it.
typedef struct corfu_gate corfu_gate;

corfu_gate *corfu_gate_create(void);
void corfu_gate_destroy(corfu_gate *gate);

/// Opens the gate: one waiter, now or later, goes through.
void corfu_gate_open(corfu_gate *gate);

/// Waits until the gate is open, goes through and shuts it.
void corfu_gate_wait(corfu_gate *gate);

#endif
