#include "CPlatform.h"

#include <string.h>

static uint32_t table[256];

// The instruction takes three cycles, and another one can begin with each: three strands of this
// many bytes are summed side by side, and put together in the end.
#define STRAND 336

// What the four bytes of a sum become with STRAND zeros behind them.
static uint32_t behind_strand[4][256];

static uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count > 0; count--) crc = (crc >> 8) ^ table[(crc ^ *bytes++) & 0xff];
  return crc;
}

__attribute__((constructor)) static void fill_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
    table[byte] = crc;
  }
  static const uint8_t zeros[STRAND];
  for (int place = 0; place < 4; place++) {
    for (uint32_t byte = 0; byte < 256; byte++) {
      behind_strand[place][byte] = by_table(byte << (8 * place), zeros, STRAND);
    }
  }
}

static inline uint32_t skip_strand(uint32_t crc) {
  return behind_strand[0][crc & 0xff] ^ behind_strand[1][(crc >> 8) & 0xff] ^
         behind_strand[2][(crc >> 16) & 0xff] ^ behind_strand[3][crc >> 24];
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_instruction(
    uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = crc;
  for (; count >= 3 * STRAND; count -= 3 * STRAND, bytes += 3 * STRAND) {
    uint64_t second = 0, third = 0;
    for (size_t at = 0; at < STRAND; at += 8) {
      uint64_t words[3];
      memcpy(&words[0], bytes + at, 8);
      memcpy(&words[1], bytes + STRAND + at, 8);
      memcpy(&words[2], bytes + 2 * STRAND + at, 8);
      wide = _mm_crc32_u64(wide, words[0]);
      second = _mm_crc32_u64(second, words[1]);
      third = _mm_crc32_u64(third, words[2]);
    }
    wide = skip_strand((uint32_t)wide) ^ (uint32_t)second;
    wide = skip_strand((uint32_t)wide) ^ (uint32_t)third;
  }
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
  for (; count >= 3 * STRAND; count -= 3 * STRAND, bytes += 3 * STRAND) {
    uint32_t second = 0, third = 0;
    for (size_t at = 0; at < STRAND; at += 8) {
      uint64_t words[3];
      memcpy(&words[0], bytes + at, 8);
      memcpy(&words[1], bytes + STRAND + at, 8);
      memcpy(&words[2], bytes + 2 * STRAND + at, 8);
      crc = __crc32cd(crc, words[0]);
      second = __crc32cd(second, words[1]);
      third = __crc32cd(third, words[2]);
    }
    crc = skip_strand(skip_strand(crc) ^ second) ^ third;
  }
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
