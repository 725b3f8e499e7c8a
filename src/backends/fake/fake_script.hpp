// What a job would do, read off its script: enough of the shell that one text serves the fake and a real shell alike.
//
// Lines and ';' separate commands. Understood are `echo WORDS` and `echo WORDS >&2`, `sleep SECONDS`, `exit CODE`,
// `true`, `false`, `kill -SIGNAL $$` by number, and `trap '' TERM`. All else takes no time and succeeds.
#pragma once

#include <string>

#include "hansa/types/job.hpp"

namespace hansa {

struct FakeScript {
  Duration duration{0};
  ExitStatus exit;
  bool ignores_term = false;
  std::string output;
  std::string error_output;
};

FakeScript read_fake_script(const JobPayload& payload);

}  // namespace hansa
