// A fixture for what only the process backend promises.
#pragma once

#include "src/backends/process/claim.hpp"
#include "src/backends/process/process_handle.hpp"
#include "src/backends/process/run_folders.hpp"
#include "tests/contract/backend/backend_site.hpp"

namespace hansa {

class ProcessBackendTest : public ::testing::Test {
 protected:
  ProcessBackendTest() : site(make_process_site()) { site->up(); }

  template <class Command>
  void perform(const Command& command) {
    site->backend->perform(command);
  }
  std::optional<RunEnded> run_to_end(const StartOptions& options) {
    perform(start_of(run, options));
    return site->await<RunEnded>(run);
  }
  std::string output_of(const StartOptions& options) {
    EXPECT_TRUE(run_to_end(options));
    return site->output_of(run);
  }
  std::optional<RunFound> look() {
    perform(LookForRun{run});
    return site->await<RunFound>(run);
  }
  std::string control() const { return RunFolders(site->folder.path()).control_of(run); }
  Claim claim() const { return read_claim(open_folder(control()).get()).value_or(Claim{}); }

  // Waits until the run has written a whole line, and returns it.
  std::string first_line() {
    std::string line;
    site->until([&] {
      const auto text = site->output_of(run);
      line = text.substr(0, text.find('\n'));
      if (text.find('\n') == text.npos) perform(LookForRun{run});
      return text.find('\n') != text.npos;
    });
    return line;
  }
  static bool alive(pid_t pid) {
    const auto facts = process_facts(pid);
    return facts && facts->state != 'Z' && facts->state != 'X';
  }

  std::unique_ptr<BackendSite> site;
  const RunKey run = run_number(7);
};

}  // namespace hansa
