// The contract of include/hansa/ports/backend.hpp: what every backend must do. A new backend adds one line to
// `all_sites` and inherits the rest.
#pragma once

#include <string>

#include "tests/contract/backend/backend_site.hpp"

namespace hansa {

struct NamedSite {
  const char* name;
  std::unique_ptr<BackendSite> (*make)();
};

inline constexpr NamedSite all_sites[] = {
    {"fake", make_fake_site},
    {"process", make_process_site},
};

class BackendContract : public ::testing::TestWithParam<NamedSite> {
 protected:
  BackendContract() : site(GetParam().make()) { site->up(); }

  template <class Command>
  void perform(const Command& command) {
    site->backend->perform(command);
  }
  std::optional<RunEnded> run_to_end(const RunKey& key, const StartOptions& options = {}) {
    perform(start_of(key, options));
    return site->await<RunEnded>(key);
  }
  // Starts something that goes on until it is stopped.
  void start_long(const RunKey& key, StartOptions options = {.script = "sleep 600"}) {
    perform(start_of(key, options));
    ASSERT_TRUE(site->await<RunStarted>(key)) << "it did not start";
  }
  // Until the job itself has come so far; RunStarted says only that it was started.
  void await_output(const RunKey& key, const std::string& output) {
    EXPECT_TRUE(site->until([&] {
      if (site->output_of(key) == output) return true;
      perform(LookForRun{key});  // its answer makes us look again
      return false;
    }));
  }
  std::optional<RunFound> look(const RunKey& key) {
    perform(LookForRun{key});
    return site->await<RunFound>(key);
  }

  std::unique_ptr<BackendSite> site;
  const RunKey run = run_number(7);
};

inline std::string name_of_site(const ::testing::TestParamInfo<NamedSite>& info) {
  return info.param.name;
}

}  // namespace hansa
