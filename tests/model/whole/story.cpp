#include "tests/model/whole/story.hpp"

#include <algorithm>

#include "src/sim/words.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa::model {
namespace {

using sim::SimSite;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Caller user{.user = "mei"};
const Caller an_operator{.user = "root", .is_operator = true};

ControllerOptions options_of(std::size_t index) {
  ControllerOptions options{.site = SiteName{std::string(1, static_cast<char>('a' + index))}};
  options.membership = MembershipOptions::with_period(seconds(2));
  options.origin.resend = {.first = seconds(1), .last = seconds(8)};
  options.origin.lease_margin = seconds(3);
  options.host.resend = options.origin.resend;
  options.host.stop_time = seconds(5);
  return options;
}

class Hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    hash_ = (hash_ ^ 0xff) * 0x100000001b3;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

class Story {
 public:
  Story(const Scene& scene, std::span<const Twist> twists, bool trace)
      : scene_(scene),
        twists_(twists),
        federation_(
            {.seed = 1,
             .trace = trace,
             .signatures = [](const SiteName& site) { return std::make_unique<test::FakeSignatures>(site.value); },
             .plan =
                 [](const RunKey&) {
                   return sim::RunPlan{.wrapper_delay = milliseconds(50), .duration = seconds(5)};
                 }}) {}

  StoryEnd run() {
    open();
    const auto patience = now() + std::chrono::hours(1);
    while (!judge().violation() && now() < patience) {
      if (!federation_.timeline().step(now() + seconds(1))) federation_.timeline().pass_to(now() + seconds(1));
      ++end_.events;
      if (lines_now() != end_.lines) at_line();
      if (now() >= rest_asked_ + seconds(1) && is_over()) break;
    }
    if (judge().violation()) end_.problem = *judge().violation();
    if (end_.problem.empty() && now() >= patience) end_.problem = "it does not come to rest: " + unrest();
    return std::move(end_);
  }

 private:
  const Scene& scene_;
  std::span<const Twist> twists_;
  sim::Federation federation_;
  std::vector<JobId> jobs_;
  StoryEnd end_;
  std::uint64_t first_line_ = 0;
  std::uint32_t messages_ = 0;
  std::size_t done_ = 0;  // twists of a moment that came
  int busy_ = 0;          // twists that have not passed
  Instant rest_asked_{};

  Instant now() { return federation_.timeline().now(); }
  sim::Judge& judge() { return federation_.judge(); }
  std::uint32_t lines_now() { return static_cast<std::uint32_t>(federation_.log().lines() - first_line_); }
  SimSite& site(std::size_t index) { return *federation_.sites()[index]; }

  // Both sites know each other before the story begins.
  void open() {
    for (std::size_t i = 0; i < scene_.cores.size(); ++i) {
      federation_.add({.controller = options_of(i),
                       .pools = {{.name = "cpu", .nodes = 1, .per_node = {.cores = scene_.cores[i]}}},
                       .seed = 10 + i});
    }
    for (auto& each : federation_.sites()) federation_.start(*each);
    federation_.run_until(Instant{} + seconds(6));
    federation_.network().set_fate([this](const auto&, const auto&, const Message& m) { return fate_of(m); });
    first_line_ = federation_.log().lines();
    for (std::size_t i = 0; i < scene_.story.size(); ++i) submit(i);
    rest_asked_ = now();
  }

  // A client asks again, under the same key, until it is answered.
  void submit(std::size_t which) {
    auto submission = scene_.story[which];
    submission.idempotency_key = "key-" + std::to_string(which);
    const auto answered = std::make_shared<bool>(false);
    ++busy_;
    site(0).call(user, SubmitJobs{{submission}}, [this, submission, answered](const ApiReply& reply) {
      *answered = true;
      if (!reply) return;
      const auto id = std::get<Submitted>(reply.value()).jobs.front();
      jobs_.push_back(id);
      judge().acknowledged(submission.idempotency_key, id, submission.array);
    });
    federation_.timeline().after(seconds(3), [this, which, answered] {
      --busy_;
      if (!*answered) submit(which);
    });
  }

  sim::Fate fate_of(const Message& message) {
    if (sim::is_about_members(message)) return sim::Fate::usual;
    const auto number = messages_++;
    end_.said_at.push_back(lines_now());
    for (const auto& twist : twists_) {
      if (!is_of_message(twist.kind) || twist.at != number) continue;
      if (twist.kind == TwistKind::lose) return sim::Fate::lost;
      return twist.kind == TwistKind::repeat ? sim::Fate::twice : sim::Fate::late;
    }
    return sim::Fate::usual;
  }

  void at_line() {
    end_.lines = lines_now();
    end_.pictures.push_back(picture());
    for (; done_ < twists_.size() && (is_of_message(twists_[done_].kind) || twists_[done_].at <= end_.lines); ++done_) {
      if (!is_of_message(twists_[done_].kind)) come(twists_[done_]);
    }
  }

  // Something that passes: all is well again `after` a while.
  void passes(Duration after, std::function<void()> what) {
    ++busy_;
    federation_.timeline().after(after, [this, what = std::move(what)] {
      --busy_;
      what();
    });
  }
  void fall(SimSite& at, void (SimSite::*how)()) {
    if (!at.is_up()) return;
    const auto store = at.disk().id();
    federation_.crash(at, how);
    if (how == &SimSite::lose_disk) judge().disk_lost(at.name(), store);
    passes(seconds(1), [this, &at] { federation_.start(at); });
  }

  void come(const Twist& twist) {
    auto& at = site(twist.site);
    switch (twist.kind) {
      case TwistKind::kill:
        return fall(at, &SimSite::crash);
      case TwistKind::power_cut:
        return fall(at, &SimSite::lose_power);
      case TwistKind::lose_disk:
        return fall(at, &SimSite::lose_disk);
      case TwistKind::kill_in_write:
        return at.in_next_write([this, &at] { fall(at, &SimSite::crash); });
      case TwistKind::fill_disk:
        at.set_full_disk(true);
        return passes(seconds(4), [&at] { at.set_full_disk(false); });
      case TwistKind::cut:
        federation_.network().cut(site(0).name(), site(1).name());
        return passes(seconds(30), [this] { federation_.network().heal(site(0).name(), site(1).name()); });
      case TwistKind::lose_all:
        return federation_.network().lose_all();
      case TwistKind::drain:
        at.call(an_operator, ActOnSite{SiteAct::drain}, [](const ApiReply&) {});
        return passes(seconds(3), [&at] { at.call(an_operator, ActOnSite{SiteAct::resume}, [](const ApiReply&) {}); });
      case TwistKind::cancel:
        return ask(JobAct::cancel);
      case TwistKind::rerun:
        return ask(JobAct::rerun);
      case TwistKind::lose:
      case TwistKind::repeat:
      case TwistKind::delay:
        return;
    }
  }

  void ask(JobAct act) {
    auto& at = site(0);
    if (jobs_.empty() || !at.is_up() || jobs_.front().store != at.disk().id()) return;
    const auto& id = jobs_.front();
    if (act == JobAct::rerun) judge().reran_by_hand(id);
    at.call(user, ActOnJob{.act = act, .job = {.site = at.name(), .number = id.number, .task = id.task}},
            [](const ApiReply&) {});
  }

  bool is_over() {
    rest_asked_ = now();
    return busy_ == 0 && federation_.unrest().empty();
  }
  std::string unrest() {
    std::string text;
    for (const auto& each : federation_.unrest()) text += (text.empty() ? "" : "; ") + each;
    return text;
  }

  std::uint64_t picture() {
    Hash hash;
    for (const auto& each : federation_.sites()) {
      hash.add(each->is_up() ? "up" : "down");
      for (const auto& [id, record] : each->disk().jobs()) hash.add(sim::brief(StoreRecord{PutJob{record}}));
      for (const auto& [key, record] : each->disk().runs()) hash.add(sim::brief(StoreRecord{PutRun{record}}));
      hash.add(std::to_string(each->machine().alive()));
      if (each->is_up()) add_memory(hash, each->controller());
    }
    return hash.value();
  }
  static void add_memory(Hash& hash, const Controller& controller) {
    for (const auto& [id, job] : controller.origin().jobs()) {
      hash.add(sim::brief(StoreRecord{PutJob{job.record}}) + std::to_string(job.dealings->tries));
    }
    for (const auto& [key, run] : controller.host().runs()) {
      hash.add(sim::brief(StoreRecord{PutRun{run.record}}) + std::to_string(run.tries));
      hash.add(std::string(run.looked ? "looked " : "") + (run.start_issued ? "issued " : "") +
               (run.collecting ? "collecting " : "") + std::to_string(static_cast<int>(run.claim)));
    }
    hash.add(std::to_string(controller.host().bidder().live_count()));
    hash.add(std::to_string(controller.calls_open()) + " " + std::to_string(controller.moves_held()));
  }
};

}  // namespace

StoryEnd tell(const Scene& scene, std::span<const Twist> twists, bool trace) {
  return Story(scene, twists, trace).run();
}

}  // namespace hansa::model
