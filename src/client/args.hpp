// Reading options, without a library: `hansa submit` in a loop must start fast, and building a registry of every
// verb's options costs more than the whole request to the daemon. A table of constants costs nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::client {

struct Option {
  std::string_view name;   // "time", for --time
  char letter = 0;         // 't', for -t
  std::string_view value;  // "TIME", as help shows it; empty: a flag
  std::string_view help;
};

struct Args {
  std::vector<std::pair<std::string, std::string>> given;  // by the option's name, in order
  std::vector<std::string> words;                          // what is no option
  bool after_dashes = false;                               // the words came behind "--"

  bool has(std::string_view name) const { return last(name).has_value(); }
  std::optional<std::string> last(std::string_view name) const;
};

// Whether options go on behind the first word: not for submit, whose script has arguments of its own.
// raw: the verb reads them itself, options and all.
enum class Words { anywhere, end_options, raw };

// "--name value", "--name=value", "-n value", "-nvalue", "-n=value"; flags may be joined as in "-fh".
Result<Args> parse_args(std::span<const Option> known, std::span<const std::string> arguments, Words policy);

}  // namespace hansa::client
