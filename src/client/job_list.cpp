#include "src/client/job_list.hpp"

#include <algorithm>

#include "src/client/json_read.hpp"

namespace hansa::client {
namespace {

constexpr std::size_t page_size = 10'000;

// Behind it the next page begins: "1042_" when its tasks follow, "1042_7" for one of them.
std::string place_of(const nlohmann::json& job) {
  return text_of(job, "number") + "_" + text_of(job, "task");
}

struct Page {
  std::size_t limit = page_size;
  std::string after;
  bool guests = false;
};

Result<nlohmann::json> read_page(Daemon& daemon, const std::string& filters, const Page& page) {
  const auto reply =
      daemon.ask({.target = "/v1/jobs?limit=" + std::to_string(page.limit) + (page.guests ? "" : "&guests=0") +
                            (page.after.empty() ? "" : "&after=" + page.after) + filters});
  if (!reply) return reply.error();
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  return list_of(*answer, "jobs");
}

// Behind this site's own jobs: the runs of others here, or in a history what a site that was adopted leaves.
Status add_guests(Daemon& daemon, const JobQuery& query, nlohmann::json& jobs) {
  if (!query.guests) return success();
  const auto guests =
      read_page(daemon, query.filters, {.after = jobs.empty() ? "" : place_of(jobs.back()), .guests = true});
  if (!guests) return guests.error();
  for (const auto& job : *guests) jobs.push_back(job);
  return success();
}

Result<nlohmann::json> list_latest(Daemon& daemon, const JobQuery& query) {
  nlohmann::json jobs = nlohmann::json::array();
  const auto keep_latest = [&] {
    if (jobs.size() > query.most) jobs.erase(jobs.begin(), jobs.end() - static_cast<std::ptrdiff_t>(query.most));
  };
  Page next;
  while (true) {
    const auto page = read_page(daemon, query.filters, next);
    if (!page) return page.error();
    for (const auto& job : *page) jobs.push_back(job);
    keep_latest();
    if (page->size() < page_size) break;
    next.after = place_of(jobs.back());
  }
  if (auto added = add_guests(daemon, query, jobs); !added) return added.error();
  keep_latest();
  return jobs;
}

}  // namespace

std::string filters_of(const Args& args) {
  std::string filters;
  for (const auto& [name, value] : args.given) {
    if (name == "user" || name == "name" || name == "state") filters += "&" + name + "=" + escape(value);
  }
  return filters;
}

Result<nlohmann::json> list_jobs(Daemon& daemon, const JobQuery& query) {
  if (query.latest) return list_latest(daemon, query);
  const auto first = std::min(query.most, page_size);
  auto all = read_page(daemon, query.filters, {.limit = first, .guests = query.guests});
  if (!all || all->size() < first || query.most <= page_size) return all;
  nlohmann::json jobs = nlohmann::json::array();
  Page next;
  while (jobs.size() < query.most) {
    const auto page = read_page(daemon, query.filters, next);
    if (!page) return page.error();
    for (const auto& job : *page) jobs.push_back(job);
    if (page->size() < page_size) break;
    next.after = place_of(jobs.back());
  }
  if (auto added = add_guests(daemon, query, jobs); !added) return added.error();
  return jobs;
}

// Those that wait or run are asked for first: one that ends between the two questions is seen twice, and counts as
// ended, rather than not at all.
Result<std::map<int, nlohmann::json>> tasks_of(Daemon& daemon, const nlohmann::json& job) {
  std::map<int, nlohmann::json> tasks;
  if (!text_of(job, "task").empty()) return tasks;
  for (const auto* history : {"", "&history=1"}) {
    const auto jobs = list_jobs(daemon, {.filters = "&number=" + text_of(job, "number") + history, .guests = false});
    if (!jobs) return jobs.error();
    for (const auto& task : *jobs) {
      const auto index = static_cast<int>(number_of(task, "task", -1));
      if (index >= 0) tasks[index] = task;
    }
  }
  return tasks;
}

bool has_run(const nlohmann::json& job) {
  return job.is_object() && job.contains("outcome") && !text_of(job["outcome"], "started").empty();
}

}  // namespace hansa::client
