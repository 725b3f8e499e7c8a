#include "src/client/job_list.hpp"

#include <algorithm>

#include "src/client/json_read.hpp"

namespace hansa::client {
namespace {

constexpr std::size_t page_size = 10'000;

std::uint64_t number_of_job(const nlohmann::json& job) {
  return static_cast<std::uint64_t>(number_of(job, "number"));
}

struct Page {
  std::size_t limit = page_size;
  std::uint64_t after = 0;
  bool guests = false;
};

Result<nlohmann::json> read_page(Daemon& daemon, const std::string& filters, const Page& page) {
  const auto reply =
      daemon.ask({.target = "/v1/jobs?limit=" + std::to_string(page.limit) + (page.guests ? "" : "&guests=0") +
                            (page.after > 0 ? "&after=" + std::to_string(page.after) : "") + filters});
  if (!reply) return reply.error();
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  return list_of(*answer, "jobs");
}

// Takes off what a full page has of its last number, unless that is all there is.
void leave_last_number(nlohmann::json& page) {
  const auto last = number_of_job(page.back());
  if (number_of_job(page.front()) == last) return;
  while (number_of_job(page.back()) == last) page.erase(page.size() - 1);
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
  const auto first = std::min(query.most, page_size);
  auto all = read_page(daemon, query.filters, {.limit = first, .guests = query.guests});
  if (!all || all->size() < first || query.most <= page_size) return all;
  nlohmann::json jobs = nlohmann::json::array();
  Page next;
  while (jobs.size() < query.most) {
    auto page = read_page(daemon, query.filters, next);
    if (!page) return page.error();
    const bool full = page->size() == page_size;
    if (full) leave_last_number(*page);
    for (const auto& job : *page) jobs.push_back(job);
    if (!full) break;
    next.after = number_of_job(jobs.back());
  }
  if (query.guests && !jobs.empty()) {
    auto guests = read_page(daemon, query.filters, {.after = number_of_job(jobs.back()), .guests = true});
    if (!guests) return guests.error();
    for (const auto& job : *guests) jobs.push_back(job);
  }
  return jobs;
}

}  // namespace hansa::client
