// Names: endpoints with host names become endpoints with addresses, in a thread of their own.
//
// libzmq asks the resolver from the I/O thread that carries everybody's frames: a name server that doesn't answer would
// silence the whole site. So libzmq gets addresses only. A name with several addresses gives the next one each time it
// is asked for. What was found is used for a minute and then asked for again.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hansa::transport {

// Whether an endpoint has an address instead of a name: "tcp://192.0.2.1:7700", "tcp://[2001:db8::1]:7700".
bool is_numeric(const std::string& endpoint);

class Names {
 public:
  using Clock = std::chrono::steady_clock;
  // From an endpoint with a name, the endpoints with its addresses; none when there are none, now. May block.
  using Lookup = std::vector<std::string> (*)(const std::string& endpoint);

  Names() : Names(nullptr) {}
  explicit Names(Lookup lookup);
  ~Names();

  enum class State : std::uint8_t { known, asking, unknown };
  struct Answer {
    State state = State::unknown;
    std::string endpoint;  // when known
  };
  // Never blocks: while it is being asked for, ask again. Unknown is said once, and then asked for anew.
  Answer numeric(const std::string& endpoint, Clock::time_point now);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // the thread may outlive us, waiting for an answer
};

}  // namespace hansa::transport
