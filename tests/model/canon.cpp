#include "tests/model/canon.hpp"

#include <set>

#include "tests/model/inside.hpp"

namespace hansa::model {
namespace {

class Bytes {
 public:
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void add(T value) {
    auto rest = static_cast<std::uint64_t>(value);
    while (rest >= 0x80) {
      text_.push_back(static_cast<char>(0x80 | (rest & 0x7f)));
      rest >>= 7;
    }
    text_.push_back(static_cast<char>(rest));
  }
  template <class... T>
  requires(sizeof...(T) > 1) void add(const T&... values) { (add(values), ...); }
  template <class Tag>
  void add(const Counter<Tag>& counter) {
    add(counter.value);
  }
  void add(const SiteName& site) { add(site.empty() ? 0xffu : index_of(site)); }
  void add(const RunKey& run) { add(run_index(run)); }
  void add(const StoreId& store) { add(store.bytes[1]); }
  void add(const DaemonId& daemon) { add(daemon.bytes[1]); }
  void add(const BidId& bid) {
    for (int i = 0; i < 5; ++i) add(bid.bytes[static_cast<std::size_t>(i)]);
  }
  void add(const GrantNumber& number) { add(number.daemon, number.count); }
  void add(const std::string& text) {
    add(text.size());
    text_ += text;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// --- Messages -------------------------------------------------------------------------------------------------------

void put(Bytes& to, const Award& m) {
  for (const auto& task : m.tasks) to.add(task.bid, task.run);
}
void put(Bytes& to, const Accepted& m) {
  to.add(m.run, m.number);
}
void put(Bytes& to, const Confirm& m) {
  to.add(m.run, m.number);
}
void put(Bytes& to, const Finished& m) {
  to.add(m.run, m.outcome.state, m.outcome.outputs.is_zero());
}
void put(Bytes& to, const Revoke& m) {
  to.add(m.run, m.bid, m.mode);
}
void put(Bytes& to, const Renew& m) {
  to.add(m.number, m.runs.size());
  for (const auto& run : m.runs) to.add(run);
}
void put(Bytes& to, const Renewed& m) {
  to.add(m.number, m.runs.size());
  for (const auto& run : m.runs) to.add(run);
}
template <class M>
void put(Bytes& to, const M& m) {
  if constexpr (requires { m.run; }) to.add(m.run);
}

// --- Records --------------------------------------------------------------------------------------------------------

void put(Bytes& to, const Pending&) {
  to.add(0);
}
void put(Bytes& to, const Awarding& s) {
  to.add(s.host, s.host_store, s.bid);
}
void put(Bytes& to, const Delegated& s) {
  to.add(s.host, s.host_store, s.bid, s.wish, s.started);
}
void put(Bytes& to, const Ended& s) {
  to.add(s.host, s.outcome->state, s.outputs_home);
}

void put(Bytes& to, const JobRecord& record) {
  to.add(job_index(record.id), record.epoch, record.state.index());
  std::visit([&](const auto& state) { put(to, state); }, record.state);
  to.add(record.cancel_wished, record.held, record.duties.size());
  for (const auto& duty : record.duties) to.add(duty.epoch, duty.host, duty.host_store, duty.bid);
}

// Instants, from this one on; a timeless case knows only their kinds.
struct Clock {
  Instant now;
  bool leased;

  std::uint64_t distance(Instant at) const {
    const auto away = at - now;
    if (leased) return at == end_of_time ? 0 : static_cast<std::uint64_t>((away + memory * 4).count());
    return away < patience / 2 ? 1 : away < memory / 2 ? 2 : 3;
  }
};

void put(Bytes& to, const RunRecord& record, const Clock& clock) {
  to.add(record.key, record.origin, record.state, record.stopping, record.answered, record.outputs_kept);
  to.add(record.allocation->pool.empty(), record.outcome->state, record.outcome->outputs.is_zero());
  if (clock.leased) to.add(clock.distance(record.lease_until), record.lease_boot->bytes[0]);
}

template <class Key>
void put(Bytes& to, const Timers<Key>& timers, const Clock& clock) {
  to.add(timers.all().size());
  for (const auto& [key, at] : timers.all()) {
    if constexpr (std::is_same_v<Key, JobId>) {
      to.add(job_index(key));
    } else {
      to.add(key);
    }
    to.add(clock.distance(at));
  }
}

// --- The daemon -----------------------------------------------------------------------------------------------------

void put(Bytes& to, const Origin& origin, const Clock& clock) {
  to.add(origin.jobs().size());
  for (const auto& [id, job] : origin.jobs()) {
    put(to, job.record);
    if (clock.leased) to.add(clock.distance(job.dealings->last_grant));
  }
  put(to, InsideView::timers(origin), clock);
}

void put(Bytes& to, const Host& host, const Clock& clock) {
  to.add(host.runs().size());
  for (const auto& [key, run] : host.runs()) {
    put(to, run.record, clock);
    to.add(run.looked, run.start_issued, run.inputs_ready, run.collecting, run.claim);
  }
  put(to, InsideView::timers(host), clock);
  to.add(host.bidder().live_count());
  for (const auto& [bid, live] : InsideView::bids(host.bidder())) to.add(bid);
  if (!clock.leased) return;
  put(to, InsideView::renewals(host), clock);
  to.add(InsideView::last_number(host));
  for (const auto& [count, grant] : InsideView::grants(host)) to.add(count, grant.origin, clock.distance(grant.left));
}

void put(Bytes& to, const StoreRecord& record, const Clock& clock) {
  to.add(record.index());
  if (const auto* job = std::get_if<PutJob>(&record)) put(to, job->record);
  if (const auto* run = std::get_if<PutRun>(&record)) put(to, run->record, clock);
  if (const auto* job = std::get_if<DropJob>(&record)) to.add(job_index(job->job));
  if (const auto* run = std::get_if<DropRun>(&record)) to.add(run->run);
}

void put(Bytes& to, const BackendCommand& command) {
  to.add(command.index());
  std::visit(
      [&](const auto& content) {
        if constexpr (requires { content.run; }) to.add(content.run);
        if constexpr (requires { content.lease_until; }) to.add(content.lease_until.time_since_epoch().count());
      },
      command);
}
void put(Bytes& to, const StagingCommand& command) {
  to.add(command.index());
  std::visit(
      [&](const auto& content) {
        if constexpr (requires { content.run; }) to.add(content.run);
      },
      command);
}

// What waits for one batch: messages and answers as a set, commands in their order.
struct Barrier {
  std::set<std::string> said;
  std::string done;
};

void gather(Barrier& barrier, const Site& site, const DurablePart& part) {
  for (const auto& send : part.send) {
    if (const auto message = normal(send.message, site.world->leased())) {
      barrier.said.insert(canon(site.index, send.to, *message));
    }
  }
  for (const auto& reply : part.replies) barrier.said.insert("reply" + std::to_string(reply.ticket.value));
  Bytes bytes;
  for (const auto& command : part.backend) put(bytes, command);
  for (const auto& command : part.staging) put(bytes, command);
  barrier.done += bytes.take();
}

void put(Bytes& to, const Site& site, const Disk& disk, const Clock& clock) {
  to.add(disk.jobs.size());
  for (const auto& [id, record] : disk.jobs) put(to, record);
  to.add(disk.runs.size());
  for (const auto& [key, record] : disk.runs) put(to, record, clock);
  std::map<BatchNumber, Barrier> barriers;
  for (const auto& [batch, part] : InsideView::waiting(site.queue)) gather(barriers[batch], site, part);
  to.add(disk.batches.size());
  for (const auto& [batch, records] : disk.batches) {
    to.add(records.size());
    for (const auto& record : records) put(to, record, clock);
    const auto& barrier = barriers[batch];
    to.add(barrier.said.size());
    for (const auto& said : barrier.said) to.add(said);
    to.add(barrier.done);
  }
}

void put(Bytes& to, const Machine& machine, const Clock& clock) {
  to.add(machine.runs().size());
  for (const auto& [key, run] : machine.runs()) {
    to.add(key, run.stage, run.stray, run.by_lease, run.outcome);
    if (clock.leased) to.add(clock.distance(run.lease_until));
  }
  to.add(machine.hunts(), machine.events().size());
  const auto put_event = [&](const auto& event) {
    if constexpr (requires { event.run; }) to.add(event.run);
    if constexpr (requires { event.outcome; }) to.add(event.outcome.state);
    if constexpr (requires { event.state; }) to.add(event.state);
    if constexpr (requires { event.won; }) to.add(event.won);
    if constexpr (requires { event.by_lease; }) to.add(event.by_lease);
    if constexpr (requires { event.claim_lost; }) to.add(event.claim_lost);
  };
  for (const auto& event : machine.events()) {
    to.add(event.index());
    std::visit(
        [&](const auto& kind) {
          to.add(kind.index());
          std::visit(put_event, kind);
        },
        event);
  }
}

}  // namespace

std::string canon(const Site& site) {
  Bytes bytes;
  const bool leased = site.world->leased();
  bytes.add(site.index, site.store, site.life, site.boot, site.ready, site.frozen);
  for (const auto known : site.known_store) bytes.add(known);
  if (leased) bytes.add(site.host_clock.time_since_epoch().count());
  put(bytes, site.origin, Clock{site.origin_clock, leased});
  put(bytes, site.host, Clock{site.host_clock, leased});
  put(bytes, site, site.disk, Clock{site.host_clock, leased});
  put(bytes, site.machine, Clock{site.host_clock, leased});
  const auto& w = site.witness;
  bytes.add(w.given_up, w.acknowledged, w.cancel_asked, w.cancel_acknowledged, w.started, w.ended_alone, w.said_over,
            w.lost);
  for (const auto runs : w.delegated) bytes.add(runs);
  return bytes.take();
}

std::optional<Message> normal(const Message& message, bool leased) {
  auto plain = message;
  if (auto* progress = std::get_if<Progress>(&plain)) {
    if (progress->phase < RunPhase::running) return std::nullopt;
    *progress = Progress{.run = progress->run, .phase = RunPhase::running};
  }
  if (auto* accepted = std::get_if<Accepted>(&plain); accepted && !leased) accepted->number.count = 0;
  if (auto* confirm = std::get_if<Confirm>(&plain); confirm && !leased) confirm->number.count = 0;
  return plain;
}

std::string canon(SiteIndex from, const SiteName& to, const Message& message) {
  Bytes bytes;
  bytes.add(from, to, message.index());
  std::visit([&](const auto& content) { put(bytes, content); }, message);
  return bytes.take();
}

}  // namespace hansa::model
