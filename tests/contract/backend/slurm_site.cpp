// The same contract against a real Slurm: deploy/slurm-testbed starts one for this program and takes it down again.
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <thread>

#include "src/backends/process/run_folders.hpp"
#include "src/backends/registry.hpp"
#include "tests/contract/backend/contract.hpp"
#include "tests/contract/backend/slurm_site.hpp"

namespace hansa {

int run_program(const std::vector<std::string>& words) {
  std::vector<char*> list;
  for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  pid_t pid = 0;
  if (::posix_spawnp(&pid, list[0], nullptr, nullptr, list.data(), ::environ) != 0) return -1;
  int how = 0;
  ::waitpid(pid, &how, 0);
  return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

int testbed(const std::string& program, std::vector<std::string> words) {
  words.insert(words.begin(), std::string(HANSA_SLURM_TESTBED) + "/" + program);
  return run_program(words);
}

namespace {

// One Slurm for all tests of this program.
class TestSlurm : public ::testing::Environment {
 public:
  void SetUp() override {
    if (testbed("up", {slurm_folder(), "alpha"}) != 0) GTEST_FAIL() << "the test Slurm did not come up";
    ::setenv("SLURM_CONF", (slurm_folder() + "/alpha/slurm.conf").c_str(), 1);
  }
  void TearDown() override {
    if (std::filesystem::exists(slurm_folder())) testbed("down", {slurm_folder()});
  }
};
[[maybe_unused]] const auto* const environment = ::testing::AddGlobalTestEnvironment(new TestSlurm);

}  // namespace

std::string slurm_folder() {
  static const std::string folder =
      (std::filesystem::temp_directory_path() / ("hansa-slurm-" + std::to_string(::getpid()))).string();
  return folder;
}

SlurmSite::SlurmSite() {
  settings.shim_path = HANSA_SHIM_PATH;
  settings.slurm.poll_min = std::chrono::milliseconds(250);
  settings.slurm.poll_max = std::chrono::seconds(1);
  settings.slurm.pulse = std::chrono::seconds(1);
  settings.slurm.partitions = {"mi300=a100"};  // the test Slurm has no such nodes
}

SlurmSite::~SlurmSite() {
  if (backend == nullptr) up();
  log.clear();  // of the test's own strays
  backend->perform(StopStrayRuns{});
  await_any<StrayRunsStopped>();
  down();
}

void SlurmSite::up() {
  auto made = make_backend("slurm", settings);
  ASSERT_TRUE(made.ok()) << made.error().text;
  backend = std::move(*made);
}

bool SlurmSite::until(const std::function<bool()>& wanted) {
  return log.wait(wanted, std::chrono::seconds(60));
}

void SlurmSite::until_over(const RunKey& run) {
  const auto status = RunFolders(folder.path()).control_of(run) + "/status";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!std::filesystem::exists(status)) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody ended the run";
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::vector<NamedSite> sites_under_test() {
  return {{"slurm", [] { return std::unique_ptr<BackendSite>(std::make_unique<SlurmSite>()); }}};
}

}  // namespace hansa
