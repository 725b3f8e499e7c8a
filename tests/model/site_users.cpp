// Site: what users, membership and the market bring to it.
#include "tests/model/site.hpp"

namespace hansa::model {
namespace {

Shared<JobRequest> request_of(const Case& world, std::size_t job) {
  JobRequest request{.name = "job" + std::to_string(job), .user = "mei"};
  request.requeue = world.requeue;
  if (world.requeue) request.checkpoint = "ckpt";
  if (world.leased()) {
    request.on_partition = OnPartition::rerun;
    request.lease = world.times.lease;
  }
  return request;
}

void acknowledge(Effects& effects, std::uint64_t ticket) {
  ApiReply reply(ApiAnswer(Acknowledged{}));
  effects.replies.emplace_back(Ticket{ticket}, std::move(reply));
}

}  // namespace

void Site::submit(std::size_t which, Outcomes& out) {
  Effects effects;
  Submission submission;
  submission.request = request_of(*world, which);
  (void)origin.submit(origin_now(), submission, effects);
  acknowledge(effects, which);
  carry_out(std::move(effects), out);
}

void Site::cancel(std::size_t which, Outcomes& out) {
  Effects effects;
  if (!origin.cancel(origin_now(), job_id(which), effects).ok()) return;
  witness.cancel_asked = static_cast<std::uint8_t>(witness.cancel_asked | (1u << which));
  acknowledge(effects, which + cancel_ticket);
  carry_out(std::move(effects), out);
}

void Site::rerun(std::size_t which, Outcomes& out) {
  const RunKey run{.job = job_id(which), .epoch = job(which)->record.epoch};
  Effects effects;
  if (!origin.rerun(origin_now(), job_id(which), effects).ok()) return;
  witness.given_up = static_cast<RunSet>(witness.given_up | bit(run));
  carry_out(std::move(effects), out);
}

// The same number as that of the job that was lost, under the new store.
void Site::submit_anew(Outcomes& out) {
  submit(1, out);
}

void Site::forget(SiteIndex whom, bool for_good, Outcomes& out) {
  RunSet given_up = 0;
  for (const auto& [id, job] : origin.jobs()) {
    const auto* delegated = std::get_if<Delegated>(&job.record.state);
    if (!delegated || delegated->host != site_name(whom)) continue;
    given_up = static_cast<RunSet>(given_up | bit({.job = id, .epoch = job.record.epoch}));
  }
  Effects effects;
  (void)origin.forget(origin_now(), site_name(whom), for_good ? Comeback::excluded : Comeback::possible, effects);
  witness.given_up = static_cast<RunSet>(witness.given_up | given_up);
  acknowledge(effects, whom + forget_ticket);
  carry_out(std::move(effects), out);
}

void Site::let_go(Outcomes& out) {
  for (const auto& [key, run] : host.runs()) witness.let_go = static_cast<RunSet>(witness.let_go | bit(key));
  Effects effects;
  (void)host.forget(host_now(), site_name(0), effects);
  carry_out(std::move(effects), out);
}

void Site::award(std::size_t which, SiteIndex to, std::uint8_t to_store, const BidId& bid, Outcomes& out) {
  Effects effects;
  origin.award(origin_now(), job_id(which), {.host = site_name(to), .store = store_of(to, to_store), .bid = bid},
               effects);
  carry_out(std::move(effects), out);
}

void Site::go_home(std::size_t which, Outcomes& out) {
  Effects effects;
  const auto run = origin.delegate_to_self(origin_now(), job_id(which), effects);
  if (run) host.take_own(host_now(), *run, job(which)->record.request, effects);
  carry_out(std::move(effects), out);
}

namespace {

class OneId final : public IdSource {
 public:
  explicit OneId(const BidId& id) : id_(id) {}
  std::array<std::uint8_t, 16> draw() override { return id_.bytes; }

 private:
  BidId id_;
};

}  // namespace

// Unguessable in life; here what no award can have named before: an epoch that was lost in a crash comes again, and
// nothing that named it had left.
BidId Site::mint(std::size_t which, std::uint64_t epoch) {
  BidId bid;
  bid.bytes = {static_cast<std::uint8_t>(index + 1), store, static_cast<std::uint8_t>(which + 1),
               static_cast<std::uint8_t>(epoch), 0};
  while (host.bidder().is_live(bid, site_name(0))) ++bid.bytes[4];
  OneId ids(bid);
  const auto valid = world->leased() ? memory : patience;
  host.bidder().mint(ids, site_name(0), request_of(*world, which), host_clock + valid);
  return bid;
}

void Site::learn(SiteIndex peer, std::uint8_t store_now, Outcomes& out) {
  known_store[peer] = store_now;
  Effects effects;
  origin.host_store_changed(origin_now(), site_name(peer), store_of(peer, store_now), effects);
  host.origin_store_changed(host_now(), site_name(peer), store_of(peer, store_now), effects);
  carry_out(std::move(effects), out);
}

}  // namespace hansa::model
