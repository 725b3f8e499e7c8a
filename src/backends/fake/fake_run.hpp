// One virtual run: when it starts and how it ends, computed from what is known of it. It keeps to the same rules as a
// real wrapper: the start claim, TERM and the grace, time limit, lease.
#pragma once

#include <optional>
#include <string>

#include "src/backends/fake/fake_script.hpp"
#include "src/backends/process/run_spec.hpp"
#include "src/backends/settings.hpp"

namespace hansa {

enum class FakeStage : std::uint8_t { host_claimed, starting, running, ended };

struct FakeEnd {
  Instant at = end_of_time;
  RunEnding ending = RunEnding::exited;
  ExitStatus exit;
};

struct FakeRun {
  FakeStage stage = FakeStage::starting;
  FakeScript script;
  Instant start_at{};  // then: when it did
  std::int64_t started_ms = 0;
  Duration time_limit = forever;
  Duration grace{0};
  Instant lease_until = end_of_time;
  std::optional<Instant> stop_at;
  bool stop_by_lease = false;
  std::string stop_words;
  std::string start_failure;  // not empty: the machine refuses it
  RunStatus status;           // once ended
  std::int64_t units = 0;
  std::string where;

  // How it ends if nothing more happens. Only for a running one.
  FakeEnd end() const;
  // When something is due.
  Instant due() const;
  void finish();
  // No time is left to run in.
  bool lease_is_out(Instant now) const;
  void give_up_for_lease();

  std::string to_text() const;
  static std::optional<FakeRun> from_text(std::string text);
};

}  // namespace hansa
