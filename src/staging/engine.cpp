#include "src/staging/engine.hpp"

#include <algorithm>

#include "src/staging/clock.hpp"
#include "src/staging/engine_store.hpp"

namespace hansa::staging {

Engine::Engine(const StagingOptions& options, const StagingSeams& seams, EngineParts parts)
    : options_(options),
      seams_(seams),
      parts_(parts),
      downloads_(options.downloads),
      chunk_workers_(std::max(1, options.chunk_workers)),
      file_workers_(std::max(1, options.file_workers)),
      loop_([this](Instant now) { return tick(now); }) {
  loop_.post([] {});  // the first tick sets the timers
}

void Engine::perform(const StagingCommand& command) {
  loop_.post([this, command] { std::visit([this](const auto& one) { start(one); }, command); });
}

void Engine::on_link(const SiteName& peer, bool up) {
  loop_.post([this, peer, up] { downloads_.link(peer, up, boot_now()); });
}

void Engine::with_chunk(std::function<void()> work) {
  loop_.offer([this] { memory_.use(boot_now()); });
  chunk_workers_.submit(std::move(work));
}

// The loop first: then nothing refers to the operations but the workers, who are told to be quick.
void Engine::stop() {
  loop_.stop();
  for (auto& [key, op] : operations_) op->cancelled = true;
  file_workers_.stop();
  chunk_workers_.stop();
}

std::optional<Instant> Engine::tick(Instant now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto event = std::move(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    event();
  }
  for (const auto& ask : downloads_.due(now)) {
    if (!seams_.sender.send(ask.peer, ask.get)) downloads_.not_sent(ask, now);
  }
  if (!operations_.empty()) memory_.use(now);
  memory_.tick(now);
  if (!garbage_due_ || *garbage_due_ <= now) {
    if (garbage_due_) file_workers_.submit([this] { parts_.chunks.collect_garbage(); });
    garbage_due_ = now + options_.garbage_every;
  }
  auto next = *garbage_due_;
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  next = std::min(next, memory_.deadline().value_or(end_of_time));
  return std::min(next, downloads_.deadline().value_or(end_of_time));
}

void Engine::retry(const Op& op, std::function<void()> event) {
  delayed_.emplace(boot_now() + options_.retry_after, [this, op, event = std::move(event)] {
    const auto found = operations_.find({op->run, op->kind});
    if (found != operations_.end() && found->second == op) event();
  });
}

// Nothing when the same is under way already: its event will answer this command too.
Engine::Op Engine::begin(Kind kind, const RunKey& run, const SiteName& peer) {
  const auto [place, is_new] = operations_.try_emplace({run, kind});
  if (!is_new) return nullptr;
  place->second = std::make_shared<Operation>();
  place->second->kind = kind;
  place->second->run = run;
  place->second->peer = peer;
  return place->second;
}

Engine::Op Engine::find(const TransferKey& transfer) const {
  const auto kind = transfer.side == BundleSide::inputs ? Kind::fetch : Kind::pull;
  const auto found = operations_.find({transfer.run, kind});
  return found == operations_.end() ? nullptr : found->second;
}

// Of an operation that was cancelled while a worker had it, the files go only now.
void Engine::end(const Op& op) {
  const Key key{op->run, op->kind};
  operations_.erase(key);
  if (op->cancelled) drop(key);
}

void Engine::drop(const Key& key) {
  const auto& [run, kind] = key;
  const auto found = operations_.find(key);
  if (found != operations_.end() && found->second->working) {
    found->second->cancelled = true;
    return;
  }
  if (kind != Kind::collect) {
    downloads_.drop({run, kind == Kind::fetch ? BundleSide::inputs : BundleSide::outputs});
  }
  if (found != operations_.end()) operations_.erase(found);
  if (kind == Kind::fetch) parts_.bundles.drop(run_inputs_holder(run));
  if (kind == Kind::pull) parts_.bundles.drop(pull_holder(run));
  if (kind == Kind::collect) {
    parts_.bundles.drop(collected_holder(run));
    parts_.rights.forget(run);
  }
}

void Engine::start(const DropRunFiles& command) {
  drop({command.run, Kind::fetch});
  drop({command.run, Kind::collect});
}

void Engine::start(const DropJobFiles& command) {
  std::vector<Key> pulls;
  for (const auto& [key, op] : operations_) {
    if (key.second == Kind::pull && key.first.job == command.job) pulls.push_back(key);
  }
  for (const auto& key : pulls) drop(key);
  parts_.bundles.drop(job_inputs_holder(command.job));
  parts_.outputs.drop(file_name(command.job));
}

}  // namespace hansa::staging
