// A site on the test Slurm for each test, which finds that Slurm whole and leaves it so.
#pragma once

#include <thread>

#include "src/backends/process/run_folders.hpp"
#include "tests/contract/backend/slurm_site.hpp"

namespace hansa {

class SlurmBackendTest : public ::testing::Test {
 protected:
  SlurmBackendTest() {
    make_slurm_whole();
    site.up();
  }
  ~SlurmBackendTest() override {
    shell("scancel -n wrap");
    make_slurm_whole();
  }

  static void kill_and_forget() {
    testbed("daemon", {slurm_folder(), "kill", "alpha.slurmctld"});
    shell("rm -f " + slurm_folder() + "/alpha/state/job_state*");
  }
  // As an operator would: a controller that lost its state drains the nodes that know more than it does.
  void make_slurm_whole() {
    testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
    shell("scontrol update partition=cpu state=up");
    EXPECT_TRUE(eventually([] {
      shell(
          "for n in $(sinfo -h -N -t drain,down -o %N | sort -u); do scontrol update nodename=$n state=resume; done "
          "2>/dev/null");
      return shell("test $(sinfo -h -N -t idle,alloc,mix -o %N | sort -u | wc -l) = 5") == 0;
    }));
  }

  static int shell(const std::string& line) { return run_program({"sh", "-c", line}); }
  template <class Command>
  void perform(const Command& command) {
    site.backend->perform(command);
  }
  std::string control(const RunKey& key) { return RunFolders(site.folder.path()).control_of(key); }
  std::string name() const { return "hansa-" + run_folder_name(run); }
  bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 600; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  // What sbatch would be told if a submission of this run came a second time.
  std::string late_submission() {
    return "--output=/dev/null --job-name=" + name() + " --wrap 'exec " + HANSA_SHIM_PATH + " " + control(run) +
           "' >/dev/null";
  }
  std::size_t submissions(const RunKey& key) {
    const auto text = BackendSite::read(control(key) + "/submitted");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  template <class Wanted>
  bool load(Wanted wanted) {
    return site.until([&] {
      const auto report = site.log.find_any<LoadReported>();
      return report && wanted(*report);
    });
  }
  const LoadReported::Outlook* pool(const LoadReported& report, const std::string& name) const {
    for (const auto& each : report.pools)
      if (each.pool == name) return &each;
    return nullptr;
  }

  SlurmSite site;
  const RunKey run = run_number(7);
};

}  // namespace hansa
