// The contract of include/hansa/ports/backend.hpp: what every backend must do. A new backend adds one line to
// sites_under_test() and inherits the rest; one that needs a batch system is a program of its own.
#pragma once

#include <string>
#include <vector>

#include "tests/contract/backend/backend_site.hpp"

namespace hansa {

struct NamedSite {
  const char* name;
  std::unique_ptr<BackendSite> (*make)();
};

std::vector<NamedSite> sites_under_test();

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

  // "cpu[3]", or whatever nodes of that pool the backend chose.
  void expect_place(const std::string& where, const std::string& pool, const std::string& nodes) const {
    EXPECT_TRUE(where.starts_with(pool + "[")) << where;
    EXPECT_TRUE(site->chooses_nodes() || where == pool + "[" + nodes + "]") << where;
  }

  std::unique_ptr<BackendSite> site;
  const RunKey run = run_number(7);
};

inline std::string name_of_site(const ::testing::TestParamInfo<NamedSite>& info) {
  return info.param.name;
}

}  // namespace hansa
