#include <iostream>
#include <iterator>

#include "src/client/aliases.hpp"
#include "src/client/sbatch_options.hpp"
#include "src/client/submit_job.hpp"

namespace hansa::client {
namespace {

Result<Work> work_of_sbatch(const SubmitForm& form, std::span<const std::string> words) {
  if (!form.manner.wrap.empty()) {
    if (!words.empty()) return usage_error("--wrap takes the place of a script: give one of them");
    return wrapped_command(form.manner.wrap);
  }
  if (!words.empty()) return read_script(words.front(), {words.begin() + 1, words.end()});
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  return script_of_text(
      std::move(text),
      {.script = "", .arguments = {}, .default_name = "sbatch", .source = "the script on standard input"});
}

}  // namespace

// The command line is read twice: to find the script behind it, and again over what the script says.
Outcome alias_sbatch(Context& context, const Args& args) {
  SubmitForm only_command_line;
  std::span<const std::string> rest = args.words;
  if (auto read = apply_sbatch_words(rest, only_command_line); !read) return read.error();
  const auto work = work_of_sbatch(only_command_line, rest);
  if (!work) return work.error();
  auto form = gather_form(*work, [&](SubmitForm& into) {
    std::span<const std::string> words = args.words;
    return apply_sbatch_words(words, into);
  });
  if (!form) return form.error();
  form->manner.numbers = true;
  if (form->stdout_path.empty()) form->stdout_path = form->array.empty() ? "slurm-%j.out" : "slurm-%A_%a.out";
  return submit_job(context, *work, *form);
}

}  // namespace hansa::client
