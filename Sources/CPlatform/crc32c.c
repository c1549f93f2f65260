#include "CPlatform.h"

#include <string.h>

static uint32_t table[256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
    table[byte] = crc;
  }
}

static uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count > 0; count--) crc = (crc >> 8) ^ table[(crc ^ *bytes++) & 0xff];
  return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_instruction(
    uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = crc;
  for (; count >= 8; count -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = (uint32_t)wide;
  for (; count > 0; count--) crc = _mm_crc32_u8(crc, *bytes++);
  return crc;
}

static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count >= 8; count -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = __crc32cd(crc, word);
  }
  for (; count > 0; count--) crc = __crc32cb(crc, *bytes++);
  return crc;
}

static int has_instruction(void) { return 1; }

#else

static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  return by_table(crc, bytes, count);
}

static int has_instruction(void) { return 0; }

#endif

uint32_t corfu_crc32c(uint32_t crc, const void *bytes, size_t count) {
  crc = ~crc;
  crc = has_instruction() ? by_instruction(crc, bytes, count) : by_table(crc, bytes, count);
  return ~crc;
}
