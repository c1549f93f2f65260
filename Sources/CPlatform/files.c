#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

int corfu_datasync(int descriptor) {
#if defined(__APPLE__)
  // fsync on macOS stops at the drive's cache; this goes through it.
  return fcntl(descriptor, F_FULLFSYNC) == -1 ? errno : 0;
#else
  return fdatasync(descriptor) == -1 ? errno : 0;
#endif
}

int corfu_begin_write_back(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
  return sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE) == -1 ? errno : 0;
#else
  (void)descriptor, (void)offset, (void)count;
  return 0;
#endif
}

int corfu_forget_pages(int descriptor) {
#if defined(__linux__)
  return posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
#else
  (void)descriptor;
  return ENOTSUP;
#endif
}

int corfu_reserve(int descriptor, int64_t count) {
#if defined(__APPLE__)
  fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, count, 0};
  if (fcntl(descriptor, F_PREALLOCATE, &store) == -1) return errno;
  return ftruncate(descriptor, count) == -1 ? errno : 0;
#else
  // Some file systems give up half-way when a signal comes, Ctrl-C too; what is reserved stays so.
  int status;
  do status = posix_fallocate(descriptor, 0, count);
  while (status == EINTR);
  return status;
#endif
}

int corfu_free_bytes(const char *path, int64_t *count) {
  struct statvfs room;
  int status;
  do status = statvfs(path, &room);
  while (status == -1 && errno == EINTR);
  if (status == -1) return errno;
  // What is kept for the system is not for us.
  if (__builtin_mul_overflow(room.f_bavail, room.f_frsize, count)) *count = INT64_MAX;
  return 0;
}

int corfu_open(const char *path, int flags) {
  int descriptor;
  do descriptor = open(path, flags | O_CLOEXEC, 0600);
  while (descriptor == -1 && errno == EINTR);
  return descriptor == -1 ? -errno : descriptor;
}

static int64_t open_files(rlim_t limit) {
  return limit == RLIM_INFINITY || limit > INT64_MAX ? INT64_MAX : (int64_t)limit;
}

int corfu_open_files(int64_t *limit, int64_t *limit_max) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == -1) return errno;
  *limit = open_files(files.rlim_cur);
  *limit_max = open_files(files.rlim_max);
#if defined(__APPLE__)
  // More than these are refused, whatever the limit says.
  if (*limit_max > OPEN_MAX) *limit_max = *limit > OPEN_MAX ? *limit : OPEN_MAX;
#endif
  return 0;
}

int corfu_allow_open_files(int64_t limit) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == -1) return errno;
  files.rlim_cur = (rlim_t)limit;
  return setrlimit(RLIMIT_NOFILE, &files) == -1 ? errno : 0;
}

int corfu_lock(int descriptor) {
  return flock(descriptor, LOCK_EX | LOCK_NB) == -1 ? errno : 0;
}
