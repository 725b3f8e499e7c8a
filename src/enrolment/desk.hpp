// Desk: the one endpoint that strangers reach. One question, one answer, and the connection is over.
//
// It is open only while an invitation is out. It has a thread of its own and everything is bounded: connections, their
// life, the size of what is read and written, and by a Throttle how many are heard. A stranger without a good
// invitation learns the federation's id and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"
#include "hansa/types/trust.hpp"
#include "src/enrolment/sealed.hpp"
#include "src/enrolment/throttle.hpp"

namespace hansa::enrolment {

struct DeskOptions {
  TransportSecret secret;
  // Called from the desk's thread; the answer may come from any.
  std::function<void(SignedEnrolment, std::function<void(Enrolled)>)> ask;
  std::size_t connections_max = 32;
  Duration life_max = std::chrono::seconds(10);
  ThrottleOptions throttle;
};

class Desk {
 public:
  explicit Desk(DeskOptions options);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Open at "tcp://HOST:PORT" for this federation until `until` at least; open already, it stays open for longer.
  Status open(const std::string& endpoint, const FederationId& federation, Duration open_for);
  void close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hansa::enrolment
