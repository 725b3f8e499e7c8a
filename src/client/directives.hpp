// #SBATCH and #HANSA lines of a job script.
//
// They stand before the script's first command, as in Slurm: a line that is neither blank nor a comment ends them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::client {

struct Directives {
  std::vector<std::string> sbatch;  // all words of all #SBATCH lines
  std::vector<std::string> hansa;   // those of #HANSA lines
};

Result<Directives> read_directives(std::string_view script);

// Words of one line, with '…' and "…" as a shell has them; a # that begins a word ends the line.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace hansa::client
