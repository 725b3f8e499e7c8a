// From what is to be run and how, to a job at the daemon. `hansa submit` and hansa-sbatch differ only in how their
// command lines are read and what they print.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/client/submit_form.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {

struct Work {
  std::string script;  // text; empty when a command is run
  std::vector<std::string> arguments;
  std::string default_name;
  std::string source = "the script";  // names it in what is said of its lines
};

Result<Work> read_script(const std::string& path, std::vector<std::string> arguments);
Result<Work> script_of_text(std::string text, Work work);
Work wrapped_command(const std::string& command);

// #SBATCH lines, then SBATCH_ variables, then #HANSA lines, then what `command_line` adds.
Result<SubmitForm> gather_form(const Work& work, const std::function<Status(SubmitForm&)>& command_line);

Outcome submit_job(Context& context, const Work& work, const SubmitForm& form);

}  // namespace hansa::client
