// Sizes as people write them, and texts as TOML has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa {

// "512MiB", "16GiB", "1048576": a whole number and KiB, MiB, GiB, TiB or nothing.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);  // in the largest unit that it is a whole number of

std::string toml_text(std::string_view text);  // quoted and escaped
std::string toml_list(const std::vector<std::string>& texts);
std::string format_real(double value);  // the shortest text that reads the same, never without a point

}  // namespace hansa
