// What each option of sbatch means across sites. One table for #SBATCH lines, SBATCH_ variables and hansa-sbatch;
// docs/sbatch.md is the same table for people.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/client/submit_form.hpp"

namespace hansa::client {

enum class SbatchValue { none, needed, optional };  // optional: only as in --name=value

enum class SbatchFate {
  honoured,     // means the same everywhere
  passed,       // only a host that runs Slurm knows it
  unsupported,  // nobody does it for a job
  ignored,      // changes nothing that matters here
};

struct SbatchOption {
  std::string_view name;
  char letter = 0;
  SbatchValue value = SbatchValue::needed;
  SbatchFate fate = SbatchFate::passed;
  Status (*apply)(const std::string& value, SubmitForm& form) = nullptr;  // of those that are honoured
};

std::span<const SbatchOption> sbatch_options();
// By its name, or the beginning of just one; by its letter. Null: not known.
const SbatchOption* find_sbatch_option(std::string_view name);
const SbatchOption* find_sbatch_option(char letter);

// The variables that Slurm's sbatch reads, most of them: "SBATCH_TIMELIMIT" for --time.
struct SbatchVariable {
  std::string_view variable;
  std::string_view option;
};
std::span<const SbatchVariable> sbatch_variables();

}  // namespace hansa::client
