// A backend whose runs are virtual: they take the time their script says and use none of the machine.
//
// For deterministic tests, which own the machine and its clock (fake_machine.hpp), and for a daemon whose backend is
// "fake", where a thread of its own lets CLOCK_BOOTTIME drive it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "src/backends/fake/fake_machine.hpp"

namespace hansa {

class FakeBackend : public Backend {
 public:
  // The machine outlives it; the handler is attached until it goes.
  FakeBackend(FakeMachine& machine, BackendHandler* handler) : machine_(machine) { machine_.attach(handler); }
  ~FakeBackend() override { machine_.attach(nullptr); }

  BackendAbilities abilities() const override { return {.holds_leases = true, .limits = "none: its runs are virtual"}; }
  void perform(const BackendCommand& command) override { machine_.perform(command); }
  Result<std::string> folder_of(const RunKey& run) override;
  std::string stdout_file(const RunKey& run) const override;
  std::string stderr_file(const RunKey& run) const override;

 private:
  FakeMachine& machine_;
};

// Lets real time pass on a machine.
class FakeClock {
 public:
  explicit FakeClock(FakeMachine& machine);
  ~FakeClock();
  void look_again();  // something new may be due

 private:
  void run();

  FakeMachine& machine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool changed_since_ = false;
  std::thread thread_;
};

// Its runs are kept in the state folder, so that a restart of the daemon finds them.
Result<std::unique_ptr<Backend>> make_fake_backend(const BackendSettings& settings);

}  // namespace hansa
