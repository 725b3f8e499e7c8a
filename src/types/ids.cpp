#include "hansa/types/ids.hpp"

#include <algorithm>
#include <charconv>

namespace hansa {
namespace {

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

Error bad_job_name(std::string_view text) {
  return usage_error("'" + std::string(text.substr(0, 80)) +
                     "' is not a job: write SITE-NUMBER or SITE-NUMBER_TASK, as in wujiang-1042 or wujiang-1042_7");
}

}  // namespace

Result<SiteName> parse_site_name(std::string_view text) {
  const bool sized = !text.empty() && text.size() <= 63;
  const bool worded = sized && is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
                      std::all_of(text.begin(), text.end(), [](char c) { return is_lower_alnum(c) || c == '-'; });
  if (!worded) {
    return usage_error("'" + std::string(text.substr(0, 80)) +
                       "' is not a site name: use 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or "
                       "digit");
  }
  return SiteName{std::string(text)};
}

std::string format_job(const SiteName& origin, const JobId& job) {
  auto text = origin.value + '-' + std::to_string(job.number);
  if (job.task != JobId::no_task) text += '_' + std::to_string(job.task);
  return text;
}

Result<JobName> parse_job_name(std::string_view text) {
  const auto dash = text.rfind('-');
  if (dash == std::string_view::npos) return bad_job_name(text);
  auto site = parse_site_name(text.substr(0, dash));
  if (!site) return bad_job_name(text);
  JobName name{.site = *site};
  auto rest = text.substr(dash + 1);
  if (const auto bar = rest.find('_'); bar != std::string_view::npos) {
    if (!parse_number(rest.substr(bar + 1), name.task) || name.task < 0) return bad_job_name(text);
    rest = rest.substr(0, bar);
  }
  if (!parse_number(rest, name.number) || name.number == 0) return bad_job_name(text);
  return name;
}

std::string to_hex(const std::uint8_t* bytes, std::size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

}  // namespace hansa
