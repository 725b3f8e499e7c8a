#include "tests/unit/gateway/fake_api.hpp"

#include <algorithm>

namespace hansa {
namespace {

const SiteName here{"wujiang"};

SiteView view_of(const std::string& name, bool self, std::uint64_t free) {
  SiteView site{.state = MemberState::alive, .self = self, .connected = true};
  site.record.value.site = SiteName{name};
  site.record.value.region = "cn/east/suzhou";
  site.record.value.labels = {"apptainer"};
  site.record.value.pools.push_back({.name = "a100",
                                     .model = "nvidia-a100",
                                     .nodes = 2,
                                     .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 1 << 20},
                                     .tflops_per_unit = 312,
                                     .price_per_unit_hour = 6.8});
  site.pools.push_back({.pool = "a100", .units_free = free, .largest_nodes = 1, .largest_units_on_node = 8});
  if (!self) site.age = std::chrono::milliseconds(1'500);
  if (!self) site.rtt = std::chrono::milliseconds(12);
  return site;
}

bool is_final(const JobView& job) {
  return job.outcome.has_value();
}

}  // namespace

FakeApi::FakeApi() : thread_([this] { work(); }) {}

FakeApi::~FakeApi() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FakeApi::later(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void FakeApi::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || (!held_ && !queue_.empty()); });
    if (stopping_) return;
    auto job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

void FakeApi::hold_answers() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeApi::release_answers() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

void FakeApi::refuse_next(Error error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

void FakeApi::set_note(std::string note) {
  const std::lock_guard lock(mutex_);
  note_ = std::move(note);
}

void FakeApi::set_ready(bool ready) {
  const std::lock_guard lock(mutex_);
  ready_ = ready;
}

void FakeApi::split_off(std::uint64_t number, std::int32_t task, std::uint32_t still_waiting) {
  const std::lock_guard lock(mutex_);
  auto& array = jobs_.at({.number = number}).view;
  array.array_tasks_waiting = still_waiting;
  if (still_waiting == 0) array.array_waiting = "";
  const JobId id{.number = number, .task = task};
  auto& split = jobs_[id].view = array;
  split.id = id;
  split.id_text = format_job(here, id);
  split.array_tasks_waiting = 0;
  split.array_waiting = "";
}

void FakeApi::finish(std::uint64_t number, std::int32_t exit_code, std::int32_t task) {
  std::vector<Waiting> answered;
  JobView view;
  {
    const std::lock_guard lock(mutex_);
    auto& job = jobs_.at({.number = number, .task = task}).view;
    const auto next = jobs_.upper_bound(job.id);
    const bool has_tasks = task == JobId::no_task && next != jobs_.end() && next->first.number == number;
    job.state = exit_code == 0 ? "COMPLETED" : "FAILED";
    job.reason = "";
    job.outputs_home = true;
    job.ended = WallTime{1'772'354'160'000};
    job.outcome = Outcome{.state = exit_code == 0 ? FinalState::completed : FinalState::failed,
                          .exit = {.code = exit_code},
                          .usage = {.elapsed = std::chrono::seconds(61)},
                          .started = WallTime{has_tasks ? 0 : 1'772'354'099'000}};
    view = job;
    const auto mine =
        std::partition(waiting_.begin(), waiting_.end(), [&](const auto& w) { return w.first != number; });
    std::move(mine, waiting_.end(), std::back_inserter(answered));
    waiting_.erase(mine, waiting_.end());
  }
  for (auto& [of, answer] : answered) answer(ApiAnswer(view));
}

LogPiece FakeApi::piece_from(std::uint64_t offset) const {
  return {.offset = offset, .bytes = offset < log_.size() ? log_.substr(offset) : "", .complete = log_complete_};
}

void FakeApi::append_log(const std::string& bytes, bool complete) {
  std::vector<std::pair<std::function<void(Result<LogPiece>)>, LogPiece>> answered;
  {
    const std::lock_guard lock(mutex_);
    log_ += bytes;
    log_complete_ = complete;
    for (auto& waiting : log_waiting_) answered.emplace_back(std::move(waiting.answer), piece_from(waiting.offset));
    log_waiting_.clear();
  }
  for (auto& [answer, piece] : answered) answer(std::move(piece));
}

void FakeApi::put_output(Manifest manifest, std::map<ContentHash, std::string> chunks, std::string stdout_path,
                         std::string stderr_path) {
  const std::lock_guard lock(mutex_);
  outputs_ = std::move(manifest);
  stdout_path_ = std::move(stdout_path);
  stderr_path_ = std::move(stderr_path);
  output_chunks_ = std::move(chunks);
}

std::vector<Submission> FakeApi::submissions() const {
  const std::lock_guard lock(mutex_);
  return submissions_;
}
std::optional<Caller> FakeApi::last_caller() const {
  const std::lock_guard lock(mutex_);
  return last_caller_;
}
std::vector<ActOnJob> FakeApi::acts() const {
  const std::lock_guard lock(mutex_);
  return acts_;
}
std::optional<ListJobs> FakeApi::last_list() const {
  const std::lock_guard lock(mutex_);
  return last_list_;
}
std::size_t FakeApi::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}
std::set<ContentHash> FakeApi::stored_chunks() const {
  const std::lock_guard lock(mutex_);
  std::set<ContentHash> hashes;
  for (const auto& [hash, bytes] : chunks_) hashes.insert(hash);
  return hashes;
}

void FakeApi::call(const Caller& caller, ApiCall asked, std::function<void(ApiReply)> answer) {
  {
    const std::lock_guard lock(mutex_);
    ++calls_;
  }
  later([this, caller, asked = std::move(asked), answer = std::move(answer)] {
    std::unique_lock lock(mutex_);
    if (const auto* get = std::get_if<GetJob>(&asked); get && get->wait > Duration::zero()) {
      auto job = find(get->job);
      if (job && !is_final((*job)->view)) return waiting_.emplace_back(get->job.number, answer), void();
    }
    auto answered = reply(caller, asked);
    lock.unlock();
    answer(std::move(answered));
  });
}

namespace {

ApiReply answer_trust(const TrustCall& call) {
  const WallTime at{1'772'354'096'125};
  if (std::holds_alternative<Invite>(call)) {
    InvitationMade made;
    made.line.endpoints = {"tcp://10.0.0.1:7702"};
    made.line.expires = at;
    made.text = "hansa-join-1.x";
    return ApiAnswer(std::move(made));
  }
  if (std::holds_alternative<RotateTransportKey>(call)) return ApiAnswer(Acknowledged{});
  if (const auto* check = std::get_if<CheckSite>(&call)) {
    SiteCheck made;
    made.site = check->site;
    made.failed = "route";
    made.text = "route: nobody answers";
    return ApiAnswer(std::move(made));
  }
  TrustedSite site;
  site.site = here;
  site.standing = "member";
  site.since = site.expires = at;
  site.right.granted = true;
  TrustView view;
  view.federation.bytes[0] = 1;
  view.federation_name = "east-china";
  view.standing = "member";
  view.sites = {site};
  view.invitations.emplace_back();
  return ApiAnswer(std::move(view));
}

}  // namespace

ApiReply FakeApi::reply(const Caller& caller, const ApiCall& asked) {
  last_caller_ = caller;
  if (refusal_) return *std::exchange(refusal_, std::nullopt);
  if (const auto* call = std::get_if<SubmitJobs>(&asked)) return submit(caller, *call);
  if (const auto* call = std::get_if<ListJobs>(&asked)) return list(*call);
  if (const auto* call = std::get_if<ActOnJob>(&asked)) return act(*call);
  if (const auto* call = std::get_if<ActOnSite>(&asked); call && call->act == SiteAct::forget) {
    if (!call->even_if_alive && call->site.value == "taihu") return refusal("taihu is alive");
    return ApiAnswer(Forgotten{.jobs_given_up = 3, .runs_perhaps_alive = 2, .runs_let_go = 1});
  }
  if (std::holds_alternative<QuoteJob>(asked)) {
    return ApiAnswer(Quote{{{.site = here,
                             .offers = true,
                             .pool = "a100",
                             .model = "nvidia-a100",
                             .start = std::chrono::seconds(3),
                             .price_per_hour = 54.4,
                             .tflops = 2496,
                             .chosen = true},
                            {.site = {"taihu"}, .reason = "never fits"}}});
  }
  if (const auto* call = std::get_if<GetJob>(&asked)) {
    auto job = find(call->job);
    return job ? ApiReply(ApiAnswer((*job)->view)) : ApiReply(job.error());
  }
  if (const auto* call = std::get_if<WhyJob>(&asked)) {
    auto job = find(call->job);
    return job ? ApiReply(ApiAnswer(Why{(*job)->view, note_})) : ApiReply(job.error());
  }
  if (std::holds_alternative<TestPolicy>(asked)) {
    return ApiAnswer{
        PolicyAnswer{.accepted = true,
                     .account = "guests",
                     .lines = {{.place = "a100", .accepted = true, .rule = "night", .text = "it takes this in"}}}};
  }
  if (std::holds_alternative<ListSites>(asked)) {
    return ApiAnswer(SiteList{{view_of("wujiang", true, 16), view_of("taihu", false, 3)}});
  }
  if (std::holds_alternative<GetFigures>(asked)) {
    return ApiAnswer(SiteFigures{.status = {.site = here, .version = "0.1.0", .ready = ready_, .runs_queued_here = 3},
                                 .jobs = {{"PENDING", jobs_.size()}},
                                 .messages_sent = {{"Bid", 5}},
                                 .events = {{"job_submitted", 2}}});
  }
  if (const auto* trust = std::get_if<TrustCall>(&asked)) return answer_trust(*trust);
  if (std::holds_alternative<GetStatus>(asked)) {
    return ApiAnswer(SiteStatus{.site = here,
                                .version = "0.1.0",
                                .backend = "fake",
                                .ready = ready_,
                                .problem = ready_ ? "" : "the journal is being read"});
  }
  return ApiAnswer(Acknowledged{});
}

ApiReply FakeApi::submit(const Caller& caller, const SubmitJobs& call) {
  Submitted submitted;
  for (const auto& submission : call.jobs) {
    const auto known = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& item) {
      return !submission.idempotency_key.empty() && item.second.key == submission.idempotency_key;
    });
    if (known != jobs_.end()) {
      submitted.jobs.push_back(known->second.view.id);
      continue;
    }
    submissions_.push_back(submission);
    const JobId id{.number = ++last_number_};
    JobView view{.id = id,
                 .id_text = format_job(here, id),
                 .name = submission.request->name,
                 .user = submission.request->user,
                 .state = "PENDING",
                 .reason = submission.held ? "Held" : "Resources",
                 .origin = here,
                 .resources = describe(submission.request->resources),
                 .time_limit = submission.request->resources.time_limit,
                 .submitted = WallTime{1'772'354'096'125},
                 .array_tasks_waiting = static_cast<std::uint32_t>(submission.array.tasks.size()),
                 .array_waiting = format_array(submission.array),
                 .request = submission.request};
    (void)caller;
    jobs_[id] = {.view = std::move(view), .key = submission.idempotency_key};
    submitted.jobs.push_back(id);
  }
  return ApiAnswer(std::move(submitted));
}

ApiReply FakeApi::list(const ListJobs& call) {
  last_list_ = call;
  JobList list;
  for (const auto& [id, job] : jobs_) {
    const auto& view = job.view;
    const bool wanted = call.reaches(view.id) && call.history == is_final(view) &&
                        (call.user.empty() || call.user == view.user) && (call.name.empty() || call.name == view.name);
    const bool in_state =
        call.states.empty() || std::find(call.states.begin(), call.states.end(), view.state) != call.states.end();
    if (!wanted || !in_state) continue;
    ++list.total;
    if (list.jobs.size() < call.limit) list.jobs.push_back(view);
  }
  return ApiAnswer(std::move(list));
}

ApiReply FakeApi::act(const ActOnJob& call) {
  auto job = find(call.job);
  if (!job) return job.error();
  acts_.push_back(call);
  if (call.act == JobAct::hold) (*job)->view.reason = "Held";
  if (call.act == JobAct::rerun && is_final((*job)->view)) return ApiAnswer(Submitted{.jobs = {{.number = 1'099}}});
  return ApiAnswer(Acknowledged{});
}

Result<FakeApi::Job*> FakeApi::find(const JobName& name) {
  const auto found = jobs_.find({.number = name.number, .task = name.task});
  if (name.site != here || found == jobs_.end()) {
    return not_found("no job " + name.site.value + "-" + std::to_string(name.number) + " is known here");
  }
  return &found->second;
}

void FakeApi::read_log(const Caller&, const JobName& name, bool stderr_stream, std::uint64_t offset, Duration wait,
                       std::function<void(Result<LogPiece>)> answer) {
  later([this, name, stderr_stream, offset, wait, answer = std::move(answer)] {
    std::unique_lock lock(mutex_);
    if (auto job = find(name); !job) {
      lock.unlock();
      return answer(job.error());
    }
    auto piece = stderr_stream ? LogPiece{.offset = offset, .complete = true} : piece_from(offset);
    if (piece.bytes.empty() && !piece.complete && wait > Duration::zero()) {
      log_waiting_.push_back({offset, answer});
      return;
    }
    lock.unlock();
    answer(std::move(piece));
  });
}

void FakeApi::output_manifest(const Caller&, const JobName& name, std::function<void(Result<JobOutputs>)> answer) {
  later([this, name, answer = std::move(answer)] {
    std::unique_lock lock(mutex_);
    auto job = find(name);
    auto outputs =
        job ? Result<JobOutputs>(JobOutputs{outputs_, stdout_path_, stderr_path_}) : Result<JobOutputs>(job.error());
    lock.unlock();
    answer(std::move(outputs));
  });
}

void FakeApi::missing_chunks(const Caller&, std::vector<ContentHash> hashes,
                             std::function<void(Result<std::vector<ContentHash>>)> answer) {
  later([this, hashes = std::move(hashes), answer = std::move(answer)] {
    std::vector<ContentHash> missing;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& hash : hashes) {
        if (!chunks_.contains(hash)) missing.push_back(hash);
      }
    }
    answer(std::move(missing));
  });
}

void FakeApi::put_chunk(const Caller&, const ContentHash& hash, std::string zstd, std::function<void(Status)> answer) {
  later([this, hash, zstd = std::move(zstd), answer = std::move(answer)] {
    if (zstd == "not what its name says") return answer(corrupt("the chunk's bytes are not those of its hash"));
    {
      const std::lock_guard lock(mutex_);
      chunks_[hash] = zstd;
    }
    answer(success());
  });
}

void FakeApi::get_output_chunk(const Caller&, const JobName& name, const ContentHash& hash,
                               std::function<void(Result<std::string>)> answer) {
  later([this, name, hash, answer = std::move(answer)] {
    std::unique_lock lock(mutex_);
    const auto found = output_chunks_.find(hash);
    auto bytes = find(name).ok() && found != output_chunks_.end() ? Result<std::string>(found->second)
                                                                  : Result<std::string>(not_found("no such chunk"));
    lock.unlock();
    answer(std::move(bytes));
  });
}

}  // namespace hansa
