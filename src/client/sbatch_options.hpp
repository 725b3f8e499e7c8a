// sbatch's options, read word by word: of #SBATCH lines, SBATCH_ variables and hansa-sbatch's command line.
#pragma once

#include <span>
#include <string>

#include "src/client/directives.hpp"
#include "src/client/submit_form.hpp"

namespace hansa::client {

// Every line in its order; what is wrong is said with the line. An option that is not known goes to a host that runs
// Slurm, whose version may know it.
Status apply_sbatch_lines(const std::vector<DirectiveLine>& lines, const std::string& script, SubmitForm& form);

// SBATCH_TIMELIMIT and its like.
Status apply_sbatch_variables(const char* const* environment, SubmitForm& form);

// Takes the options off the front of `words`, up to the script or "--". Options that only hansa submit has are taken
// as well; others are an error.
Status apply_sbatch_words(std::span<const std::string>& words, SubmitForm& form);

}  // namespace hansa::client
