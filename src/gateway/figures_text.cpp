#include "src/gateway/figures_text.hpp"

namespace hansa::gateway {
namespace {

std::string escaped(std::string_view word) {
  std::string text;
  for (const char c : word) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? ' ' : c;
  }
  return text;
}

void put_jobs(const SiteFigures& figures, PrometheusText& out) {
  out.gauge("hansa_jobs", "Jobs submitted here, wherever they are, by state; ended ones while they are remembered.");
  out.samples("state", figures.jobs, {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "UNKNOWN"});
  out.counter("hansa_jobs_ended_total", "Jobs of this site that ended, by final state.");
  out.samples("state", figures.jobs_ended,
              {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED"});
  out.gauge("hansa_runs", "Runs at this site, for whatever origin: waiting for units, holding them, or over.");
  out.samples("phase", figures.runs, {"waiting", "active", "over"});
  out.gauge("hansa_queue_length", "Runs that this site's own queue holds.");
  out.sample(figures.status.runs_queued_here);
}

void put_federation(const SiteFigures& figures, PrometheusText& out) {
  out.gauge("hansa_sites", "Other sites of the federation, by state as seen from here.");
  out.samples("state", figures.sites, {"alive", "suspect", "failed", "left"});
  out.gauge("hansa_sites_connected", "Sites that there is a connection with.");
  out.sample(figures.sites_connected);
  out.counter("hansa_messages_sent_total", "Messages to other sites, by name: Award, Bid, Decline, Return, ….");
  out.samples("message", figures.messages_sent);
  out.counter("hansa_messages_received_total", "Messages from other sites, by name.");
  out.samples("message", figures.messages_received);
  out.counter("hansa_events_total", "What happened, by kind, as /v1/events tells it.");
  out.samples("kind", figures.events,
              {"job_submitted", "job_placed", "job_started", "job_finished", "site_alive", "site_suspect",
               "site_failed", "site_left"});
}

void put_site(const SiteStatus& status, PrometheusText& out) {
  out.gauge("hansa_ready", "1 once the site takes part; 0 while it takes up what was there before.");
  out.sample(status.ready ? 1 : 0);
  out.gauge("hansa_degraded", "1 while something is wrong that /v1/status names.");
  out.sample(status.degraded ? 1 : 0);
  out.gauge("hansa_disk_free_bytes", "Free where the state is kept.");
  out.sample(status.disk_free_bytes);
  out.gauge("hansa_build_info", "1; the version is the label.");
  out.sample("version", status.version, 1);
}

}  // namespace

void PrometheusText::family(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
}

void PrometheusText::sample(std::string_view label, std::string_view word, std::uint64_t value) {
  text_ += name_ + "{" + std::string(label) + "=\"" + escaped(word) + "\"} " + std::to_string(value) + "\n";
}

void PrometheusText::samples(std::string_view label, const SiteFigures::Counts& counts,
                             std::initializer_list<std::string_view> always) {
  auto all = counts;
  for (const auto word : always) all.try_emplace(std::string(word), 0);
  for (const auto& [word, value] : all) sample(label, word, value);
}

std::string figures_text(const SiteFigures& figures) {
  PrometheusText out;
  put_site(figures.status, out);
  put_jobs(figures, out);
  put_federation(figures, out);
  return std::move(out).take();
}

}  // namespace hansa::gateway
