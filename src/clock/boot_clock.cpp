#include "src/clock/boot_clock.hpp"

#include <time.h>

#include <fstream>
#include <string>

namespace hansa {
namespace {

std::int64_t read_microseconds(clockid_t id) {
  timespec time{};
  clock_gettime(id, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Now BootClock::now() const {
  return {.instant = Instant{Duration{read_microseconds(CLOCK_BOOTTIME)}},
          .wall = {read_microseconds(CLOCK_REALTIME) / 1'000}};
}

BootId BootClock::boot() const {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  BootId id;
  std::size_t digit = 0;
  for (const char c : text) {
    const int value = hex_value(c);
    if (value < 0 || digit >= 2 * id.bytes.size()) continue;
    id.bytes[digit / 2] = static_cast<std::uint8_t>(id.bytes[digit / 2] << 4 | value);
    ++digit;
  }
  return id;
}

}  // namespace hansa
