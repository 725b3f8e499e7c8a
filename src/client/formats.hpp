// How people write amounts, with Slurm's habits: times, memory, accelerators, dependencies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::client {

// Seconds. Slurm's forms: "90" (minutes), "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM", "D-HH:MM:SS", "UNLIMITED" (a year);
// and "2h", "1h30m", "45s", "1d".
Result<std::uint64_t> parse_time(std::string_view text);

// Bytes. "16G", "512M", "1T", "100K" (with or without a B or iB behind), "1024" (MiB, as in Slurm).
Result<std::uint64_t> parse_memory(std::string_view text);

// Seconds. "10ms", "0.5s", "200us"; a bare number is milliseconds.
Result<double> parse_latency(std::string_view text);

Result<std::uint32_t> parse_count(std::string_view text);
Result<double> parse_amount(std::string_view text);

// "8" or "a100:8".
struct GpuWord {
  std::string model;
  std::uint32_t count = 0;
};
Result<GpuWord> parse_gpus(std::string_view text);

struct DependencyWord {
  std::string kind;  // afterok, afterany, afternotok, singleton
  std::string job;   // empty for singleton
};
// "afterok:1041:1042,afterany:wujiang-7,singleton".
Result<std::vector<DependencyWord>> parse_dependencies(std::string_view text);

std::vector<std::string> split(std::string_view text, char mark);  // without empty parts

// "1-02:03:04", "02:03:04" or "03:04", as squeue shows times.
std::string format_elapsed(double seconds);
// "45s", "3m", "2.5h": how long something will take, for people.
std::string format_span(double seconds);
std::string format_bytes(double bytes);

}  // namespace hansa::client
