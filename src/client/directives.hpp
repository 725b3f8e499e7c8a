// #SBATCH and #HANSA lines of a job script.
//
// They stand before the script's first command, as in Slurm: a line that is neither blank nor a comment ends them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::client {

struct DirectiveLine {
  std::size_t number = 0;  // of the script's lines, from 1
  std::vector<std::string> words;

  bool operator==(const DirectiveLine&) const = default;
};

struct Directives {
  std::vector<DirectiveLine> sbatch;
  std::vector<DirectiveLine> hansa;
};

// `script` names it in what is said of a bad line: "train.sh, line 4: …".
Result<Directives> read_directives(std::string_view text, const std::string& script);

// What is wrong, with the place where it stands.
Error at_line(const std::string& script, std::size_t number, const Error& error);

// Words of one line, with '…' and "…" as a shell has them; a # that begins a word ends the line.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace hansa::client
