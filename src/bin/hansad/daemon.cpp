#include "src/bin/hansad/daemon.hpp"

#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <future>

#include "src/bin/hansad/daemon_parts.hpp"
#include "src/bin/hansad/options.hpp"
#include "src/identity/sodium.hpp"
#include "src/planner/batch_planner.hpp"
#include "src/planner/easy_planner.hpp"
#include "src/telemetry/log.hpp"

namespace hansa {
namespace {

std::uint64_t free_bytes(const std::string& folder) {
  struct statvfs space {};
  if (statvfs(folder.c_str(), &space) != 0) return ~std::uint64_t{0};
  return std::uint64_t{space.f_bavail} * space.f_frsize;
}

}  // namespace

// What an operator must be able to read later, whoever listened then, goes to the log as well.
void Daemon::Parts::publish(const FederationEvent& event) {
  constexpr std::array logged = {"run_overlap",  "job_given_up",   "site_forgotten",
                                 "site_adopted", "site_entrusted", "custody_asked"};
  if (std::find(logged.begin(), logged.end(), event.kind) != logged.end()) {
    log_event(LogSeverity::warn, event.kind, {{"job", event.job}, {"site", event.site.value}, {"text", event.text}});
  }
  gateway->publish(event);
}

void Daemon::Parts::run(StoredState stored, std::function<void(std::string)> on_fatal) {
  std::unique_ptr<Planner> planner = std::make_unique<EasyPlanner>(config.pools);
  if (backend->abilities().has_own_queue)
    planner = std::make_unique<BatchPlanner>(config.pools, BatchOptions{.ahead_max = config.slurm.ahead_max});
  ControllerParts brain{.planner = std::move(planner),
                        .score = score,
                        .signatures = signatures.get(),
                        .notary = signatures.get(),
                        .ids = &ids,
                        .daemon = random_key<DaemonId>(),
                        .boot = clock.boot(),
                        .abilities = backend->abilities(),
                        .seed = 0,
                        .policy = policy.policy()};
  fill_random(reinterpret_cast<std::uint8_t*>(&brain.seed), sizeof brain.seed);
  spdlog::info("event=limits text=\"{}\"", brain.abilities.limits);
  spdlog::info("event=policy path={} text=\"{}\"", config.policy,
               brain.policy ? "its rules are in force" : "no rules: every guest is taken in");
  SitePorts ports{.site = config.site,
                  .protocol = spoken_by(config),
                  .clock = &clock,
                  .store = counted_store.get(),
                  .transport = transport.get(),
                  .backend = backend.get(),
                  .staging = staging.get(),
                  .directory = directory.get(),
                  .disk_free = [folder = config.state] { return free_bytes(folder); },
                  .disk_free_min = config.limits.disk_free_bytes_min,
                  .publish = [this](const FederationEvent& event) { publish(event); },
                  .audit = [this](AuditNote note) { audit->note(std::move(note)); }};
  system = std::make_unique<SiteSystem>(std::move(ports), addresses, std::move(on_fatal));
  auto controller = std::make_unique<Controller>(controller_options(config, keys), std::move(brain), stored);
  system->start(std::move(controller), std::move(stored));
  system->set_peers(known_sites(config.peers));
  peers_known = true;
}

Result<std::unique_ptr<Daemon>> Daemon::start(SiteConfig config, std::function<void(std::string)> on_fatal,
                                              std::function<void()> on_restart) {
  ensure_sodium();
  auto parts = std::make_unique<Parts>();
  parts->restart = std::move(on_restart);
  parts->config = std::move(config);
  StoredState stored;
  for (const auto& step : std::initializer_list<std::function<Status()>>{
           [&] { return parts->open(stored); }, [&] { return parts->open_backend(); },
           [&] { return parts->open_policy(); }, [&] { return parts->open_transport(); },
           [&] { return parts->open_staging(stored); }, [&] { return parts->open_gateway(stored); }}) {
    if (auto done = step(); !done) return done.error();
  }
  parts->run(std::move(stored), std::move(on_fatal));
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// Users first, then the brain, which says goodbye over a transport that is still there.
Daemon::~Daemon() {
  auto& p = *parts_;
  p.gateway.reset();
  if (p.system) p.system->stop();
  p.trust.reset();
  p.inbox.set_staging(nullptr);
  p.metrics.forget_read();
  p.staging.reset();
  p.transport.reset();
  p.backend.reset();
  p.system.reset();
}

Status Daemon::reload(const std::string& config_path) {
  auto done = take_up(config_path);
  parts_->audit->note({.act = "reload",
                       .actor = "operator by SIGHUP",
                       .subject = config_path,
                       .allowed = done.ok(),
                       .text = done ? "peers, policy and log level are as the files say" : done.error().text});
  return done;
}

Status Daemon::take_up(const std::string& config_path) {
  auto config = load_config(config_path);
  if (!config) return config.error();
  config->pools = parts_->config.pools;  // what the rules are for: those that this daemon began with
  auto policy = parts_->policy.load(*config);
  if (!policy) return policy.error();
  parts_->system->set_peers(known_sites(config->peers));
  parts_->policy.take_up(std::move(*policy));
  parts_->system->set_policy(parts_->policy.policy());
  spdlog::set_level(spdlog::level::from_str(std::string(to_word(config->log_level))));
  spdlog::info("event=reloaded peers={} policy={}", config->peers.size(), config->policy);
  return success();
}

bool Daemon::is_alive(std::chrono::milliseconds within) {
  auto answered = std::make_shared<std::promise<void>>();
  auto answer = answered->get_future();
  parts_->api->call({.user = "", .is_operator = true}, GetStatus{},
                    [answered](const ApiReply&) { answered->set_value(); });
  return answer.wait_for(within) == std::future_status::ready;
}

}  // namespace hansa
