#include <filesystem>

#include "src/client/submit_job.hpp"

namespace hansa::client {
namespace {

Result<Work> work_of(const Args& args) {
  if (const auto command = args.last("wrap")) {
    if (!args.words.empty()) return usage_error("--wrap takes the place of a script: give one of them");
    return wrapped_command(*command);
  }
  if (args.words.empty()) return usage_error("there is nothing to run: name a script, or write -- COMMAND, or --wrap");
  const auto& first = args.words.front();
  if (!args.after_dashes) return read_script(first, {args.words.begin() + 1, args.words.end()});
  return Work{.script = "", .arguments = args.words, .default_name = std::filesystem::path(first).filename().string()};
}

}  // namespace

Outcome run_submit(Context& context, const Args& args) {
  const auto work = work_of(args);
  if (!work) return work.error();
  const auto form = gather_form(*work, [&](SubmitForm& into) -> Status {
    for (const auto& [name, value] : args.given) {
      if (auto applied = apply_submit_option(name, value, into); !applied) return applied;
    }
    return success();
  });
  if (!form) return form.error();
  return submit_job(context, *work, *form);
}

}  // namespace hansa::client
