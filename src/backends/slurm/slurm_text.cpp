#include "src/backends/slurm/slurm_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>

namespace hansa::slurm {
namespace {

constexpr std::array<std::string_view, 7> accelerator_words{"gpu", "npu", "dcu", "mlu", "xpu", "gcu", "tpu"};

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(mark, begin), text.size());
    parts.push_back(trim(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  auto lines = split(text, '\n');
  std::erase_if(lines, [](std::string_view line) { return line.empty(); });
  return lines;
}

template <class Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_accelerator(std::string_view word) {
  return std::find(accelerator_words.begin(), accelerator_words.end(), word) != accelerator_words.end();
}

// Commas within parentheses belong to their item: "gpu:a100:8(S:0,1),craynetwork:4".
std::vector<std::string_view> split_items(std::string_view text) {
  std::vector<std::string_view> items;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && (text[at] == '(' || text[at] == '[')) ++depth;
    if (at < text.size() && (text[at] == ')' || text[at] == ']')) --depth;
    if (at < text.size() && (text[at] != ',' || depth > 0)) continue;
    if (at > begin) items.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  return items;
}

// "gpu:a100:8(S:0-1)", "gpu:8", "gpu:a100=2", "gpu".
struct Gres {
  std::string_view name, type;
  std::uint32_t count = 1;
};
Gres parse_gres(std::string_view item) {
  item = item.substr(0, item.find('('));
  Gres gres{.name = item.substr(0, item.find_first_of(":=")), .type = {}};
  auto rest = item.substr(gres.name.size());
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto word = rest.substr(0, rest.find_first_of(":="));
    rest.remove_prefix(word.size());
    const bool is_count = !word.empty() && word.find_first_not_of("0123456789") == word.npos;
    // A model may be all digits ("gpu:910:8"); the count comes last.
    if (is_count && rest.empty()) {
      gres.count = number<std::uint32_t>(word);
    } else {
      gres.type = word;
    }
  }
  return gres;
}

void read_node_gres(std::string_view text, Node& node) {
  for (const auto item : split_items(text)) {
    const auto gres = parse_gres(item);
    if (!is_accelerator(gres.name) || gres.count <= node.accelerators) continue;
    node.accelerators = gres.count;
    node.gres = std::string(gres.name) + (gres.type.empty() ? "" : ":" + std::string(gres.type));
  }
}

// More than any cluster has; what names more is cut.
constexpr std::size_t hosts_max = 65'536;

void expand_one(std::string_view item, std::size_t& left, std::vector<std::string>& out) {
  const auto open = item.find('[');
  if (open == item.npos) return out.emplace_back(item), void();
  const auto close = item.find(']', open);
  if (close == item.npos) return;
  for (const auto range : split(item.substr(open + 1, close - open - 1), ',')) {
    const auto dash = range.find('-');
    const auto first = range.substr(0, dash);
    const auto last = dash == range.npos ? first : range.substr(dash + 1);
    if (first.size() > 20) continue;  // no number is as long
    const auto end = number<std::uint64_t>(last);
    for (auto each = number<std::uint64_t>(first); each <= end && left > 0; ++each) {
      --left;
      auto digits = std::to_string(each);
      digits.insert(0, first.size() > digits.size() ? first.size() - digits.size() : 0, '0');
      expand_one(std::string(item.substr(0, open)) + digits + std::string(item.substr(close + 1)), left, out);
    }
  }
}

std::vector<std::string> strings(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

}  // namespace

// --- Small forms ----------------------------------------------------------------------------------------------------

std::string_view base_state(std::string_view state) {
  return state.substr(0, state.find_first_of("+ "));
}

std::vector<std::string> expand_hosts(std::string_view list) {
  std::vector<std::string> hosts;
  if (list == "(null)" || list == "N/A") return hosts;
  auto left = hosts_max;
  for (const auto item : split_items(list)) expand_one(trim(item), left, hosts);
  return hosts;
}

std::optional<std::int64_t> parse_utc(std::string_view time) {
  std::tm parts{};
  const std::string text(time);
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr) return std::nullopt;
  return ::timegm(&parts);
}

std::uint64_t parse_memory_mib(std::string_view text) {
  char* end = nullptr;
  const std::string copy(text);
  const double value = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str() || !(value >= 0)) return 0;
  const double factor = *end == 'K'   ? 1.0 / 1024
                        : *end == 'G' ? 1024.0
                        : *end == 'T' ? 1024.0 * 1024
                        : *end == 'P' ? 1024.0 * 1024 * 1024
                                      : 1.0;
  constexpr double memory_mib_max = 1e15;  // beyond what any node has, and within what the number can be
  return static_cast<std::uint64_t>(std::ceil(std::min(value * factor, memory_mib_max)));
}

// The count without a model is that of all models together.
std::uint32_t count_accelerators(std::string_view tres) {
  std::uint32_t untyped = 0, typed = 0;
  for (auto item : split_items(tres)) {
    item = trim(item);
    if (item.starts_with("gres:") || item.starts_with("gres/")) item.remove_prefix(5);
    const auto gres = parse_gres(item);
    if (!is_accelerator(gres.name)) continue;
    (gres.type.empty() ? untyped : typed) += gres.count;
  }
  return untyped > 0 ? untyped : typed;
}

std::optional<std::uint64_t> parse_submitted(std::string_view text) {
  const auto lines = lines_of(text);
  if (lines.empty()) return std::nullopt;
  const auto id = number<std::uint64_t>(lines.back());
  return id > 0 ? std::optional(id) : std::nullopt;
}

std::optional<std::int64_t> parse_test_only(std::string_view text) {
  constexpr std::string_view mark = "to start at ";
  const auto at = text.find(mark);
  return at == text.npos ? std::nullopt : parse_utc(text.substr(at + mark.size(), 19));
}

std::optional<std::int64_t> parse_up_since(std::string_view text) {
  const auto value = text.find('=', std::min(text.find("BOOT_TIME"), text.size()));
  return value == text.npos ? std::nullopt : parse_utc(trim(text.substr(value + 1, 20)));
}

// --- squeue ---------------------------------------------------------------------------------------------------------

std::string job_columns() {
  return "JobID:24|,State:24|,Partition:128|,NumNodes:12|,NumCPUs:12|,StartTime:24|,EndTime:24|,MinMemory:24|,"
         "tres-alloc:512|,tres-per-node:256|,tres-per-job:256|,NodeList:4096|,Reason:128|,Name:256|";
}

JobPhase Job::phase() const {
  const auto base = base_state(state);
  if (is_one_of(base, {"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"}))
    return JobPhase::waiting;
  if (is_one_of(base, {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE",
                       "OUT_OF_MEMORY", "REVOKED", "LAUNCH_FAILED", "RECONFIG_FAIL", "EXPEDITING_FAIL"}))
    return JobPhase::over;
  return JobPhase::on_nodes;
}

static Job read_job(const std::vector<std::string_view>& in) {
  Job job;
  job.id = number<std::uint64_t>(in[0]);
  job.state = in[1];
  job.partition = in[2];
  job.node_count = number<std::uint32_t>(in[3]);
  job.cpus = number<std::uint32_t>(in[4]);
  job.start_s = parse_utc(in[5]).value_or(0);
  job.end_s = parse_utc(in[6]).value_or(0);
  job.nodes = expand_hosts(in[11]);
  if (!job.nodes.empty()) job.node_count = static_cast<std::uint32_t>(job.nodes.size());
  for (const auto item : split_items(in[8])) {
    if (trim(item).starts_with("mem=")) job.memory_mib = parse_memory_mib(trim(item).substr(4));
  }
  job.accelerators = count_accelerators(in[8]);
  if (job.accelerators == 0) job.accelerators = count_accelerators(in[9]) * std::max(1u, job.node_count);
  if (job.accelerators == 0) job.accelerators = count_accelerators(in[10]);
  job.reason = in[12];
  job.name = in[13];
  return job;
}

std::vector<Job> parse_jobs(std::string_view text) {
  constexpr std::size_t columns = 14;
  std::vector<Job> jobs;
  for (const auto line : lines_of(text)) {
    const auto fields = split(line, '|');
    if (fields.size() < columns) continue;
    auto job = read_job(fields);
    if (job.id > 0) jobs.push_back(std::move(job));
  }
  return jobs;
}

// --- sinfo ----------------------------------------------------------------------------------------------------------

std::string node_columns() {
  return "%N|%R|%T|%c|%m|%G|%f";
}

// Marks behind a state: * does not answer; ~ # ! % powered down or up; $ reserved for maintenance; @ ^ reboots.
bool Node::usable() const {
  if (state.find_first_of("*$@^") != state.npos) return false;
  const auto plain = state.substr(0, state.find_first_of("~#!%-"));
  for (const auto word : split(plain, '+')) {
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool known = is_one_of(
        lower, {"idle", "mixed", "mix", "allocated", "alloc", "completing", "comp", "planned", "plnd", "powered_down",
                "powering_up", "powering_down", "cloud", "dynamic_norm", "power_up", "power_down", "npc", "perfctrs"});
    if (!known) return false;
  }
  return true;
}

std::vector<Node> parse_nodes(std::string_view text) {
  std::vector<Node> nodes;
  for (const auto line : lines_of(text)) {
    const auto in = split(line, '|');
    if (in.size() < 7) continue;
    Node node{.name = std::string(in[0]), .partition = std::string(in[1]), .state = std::string(in[2])};
    node.cpus = number<std::uint32_t>(in[3]);
    node.memory_mib = number<std::uint64_t>(in[4]);
    read_node_gres(in[5], node);
    if (in[6] != "(null)") node.features = strings(split(in[6], ','));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// --- sacct ----------------------------------------------------------------------------------------------------------

std::vector<Accounted> parse_accounted(std::string_view text) {
  std::vector<Accounted> jobs;
  const auto lines = lines_of(text);
  if (lines.empty()) return jobs;
  const auto names = split(lines.front(), '|');
  const auto column = [&](std::initializer_list<std::string_view> words) {
    const auto found = std::find_if(names.begin(), names.end(), [&](auto name) { return is_one_of(name, words); });
    return static_cast<std::size_t>(found - names.begin());
  };
  const auto id = column({"JobIDRaw", "JobID"}), name = column({"JobName", "Name"}),
             state = column({"State", "JobState"});
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = split(lines[i], '|');
    if (std::max({id, name, state}) >= fields.size()) continue;
    jobs.push_back({.id = number<std::uint64_t>(fields[id]),
                    .name = std::string(fields[name]),
                    .state = std::string(base_state(fields[state]))});
  }
  return jobs;
}

}  // namespace hansa::slurm
