// A fixture for what only the process backend promises.
#pragma once

#include <chrono>
#include <filesystem>
#include <thread>

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
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto text = site->output_of(run);
      if (const auto end = text.find('\n'); end != text.npos) return text.substr(0, end);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << "no line; its folder holds:" << folder_text(control());
    return {};
  }
  static std::string folder_text(const std::string& folder) {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      text += "\n" + entry.path().filename().string() + ": " + BackendSite::read(entry.path());
    }
    return text;
  }
  static bool alive(pid_t pid) {
    const auto facts = process_facts(pid);
    return facts && facts->state != 'Z' && facts->state != 'X';
  }

  std::unique_ptr<BackendSite> site;
  const RunKey run = run_number(7);
};

}  // namespace hansa
