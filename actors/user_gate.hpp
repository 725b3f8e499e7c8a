// UserGate: how much that users ask may wait for the brain and the disk.
//
// The gateway bounds connections and bytes; this bounds what they become: jobs on their way to the journal, and other
// questions. Who comes when it is full is told to come again in a second (429), before anything was done for them.
// Operators have a share of their own, so that they can always look and act; the daemon's own questions whether the
// brain is alive, which have no user's name, are let through.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "hansa/api.hpp"

namespace hansa {

struct UserGateBounds {
  std::size_t jobs_max = 20'000;  // as many as one request may bring
  std::size_t questions_max = 512;
};

class UserGate {
 public:
  using Answer = std::function<void(ApiReply)>;

  explicit UserGate(UserGateBounds bounds = {}) : bounds_(bounds) {}

  // The answer wrapped so that it leaves the gate; an Error when there is no room. The answer may outlive the gate.
  Result<Answer> enter(const Caller& caller, const ApiCall& call, Answer answer) {
    if (caller.user.empty() || is_long_poll(call)) return answer;
    const auto* submit = std::get_if<SubmitJobs>(&call);
    const auto size = submit ? std::max<std::size_t>(submit->jobs.size(), 1) : 1;
    auto& room = rooms_[caller.is_operator ? 1 : 0][submit ? 0 : 1];
    if (!room->enter(size, submit ? bounds_.jobs_max : bounds_.questions_max)) return full(submit != nullptr);
    return Answer([room, size, answer = std::move(answer)](ApiReply reply) {
      room->leave(size);
      answer(std::move(reply));
    });
  }

 private:
  struct Room {
    std::mutex mutex;
    std::size_t taken = 0;

    bool enter(std::size_t size, std::size_t max) {
      const std::lock_guard lock(mutex);
      if (taken > 0 && taken + size > max) return false;
      taken += size;
      return true;
    }
    void leave(std::size_t size) {
      const std::lock_guard lock(mutex);
      taken -= size;
    }
  };
  using Rooms = std::array<std::shared_ptr<Room>, 2>;

  // It holds nothing but its connection, of which the gateway has so many.
  static bool is_long_poll(const ApiCall& call) {
    const auto* get = std::get_if<GetJob>(&call);
    return get && get->wait > Duration{0};
  }
  static Error full(bool submission) {
    return overloaded(submission ? "too many jobs are on their way to the journal; submit again in a second"
                                 : "too many questions wait for this site; ask again in a second");
  }
  static Rooms make_rooms() { return {std::make_shared<Room>(), std::make_shared<Room>()}; }

  const UserGateBounds bounds_;
  std::array<Rooms, 2> rooms_{make_rooms(), make_rooms()};  // users, operators: submissions, questions
};

}  // namespace hansa
