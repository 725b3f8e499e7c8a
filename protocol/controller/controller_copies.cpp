// Controller: jobs of other origins, as far as this site was told of them.
//
// Their own site decides and knows best. But it may be absent, for an hour or for ever: then whoever keeps a copy of
// the record answers, and says that it is a copy, whose, and how old.
#include "protocol/controller/controller.hpp"
#include "protocol/copies/holders.hpp"

namespace hansa {
namespace {

std::string text_of(const JobName& name) {
  return format_job(name.site, {.store = {}, .number = name.number, .task = name.task});
}

// A record's state in the words that its own site would use, as far as the record alone tells.
std::string_view state_of(const JobRecord& record) {
  if (const auto* ended = std::get_if<Ended>(&record.state)) return to_word(ended->outcome->state);
  if (record.cancel_wished) return "COMPLETING";
  const auto* delegated = std::get_if<Delegated>(&record.state);
  return delegated && delegated->started ? "RUNNING" : "PENDING";
}

}  // namespace

void Controller::on(Now now, const SiteName& from, const KeepCopies& m, Effects& out) {
  if (const auto store = stores_.of(from)) shelf_.step(now, from, *store, m, out);
}
void Controller::on(Now now, const SiteName& from, const CopiesKept& m, Effects&) {
  copier_.step(now, from, m);
}

// A suspect may well be there still: only who is surely gone is no holder any more.
std::vector<SiteName> Controller::members_to_count_on() const {
  std::vector<SiteName> members;
  for (const auto& [site, member] : membership_.members()) {
    if (member.reachable()) members.push_back(site);
  }
  return members;
}

bool Controller::is_absent(const SiteName& site) const {
  const auto* member = membership_.find(site);
  return !member || member->state != MemberState::alive;
}

// A copy shows how it stands; its end comes to its own site, and only there it can be waited for.
ApiReply Controller::from_elsewhere(Now now, const GetJob& call) const {
  const auto& name = call.job;
  const auto* copy = shelf_.find(name);
  const bool ended = copy && std::holds_alternative<Ended>(copy->record.state);
  if (copy && (ended || call.wait <= Duration{0})) return ApiAnswer{copy_view(now, *copy)};
  if (copy) {
    return refusal("here is only a copy of the record of " + text_of(name) +
                   ", whose end can't be waited for; hansa job " + text_of(name) + " shows how it stands");
  }
  for (const auto& [key, run] : host_.runs()) {
    const bool meant = run.record.origin == name.site && key.job.number == name.number && key.job.task == name.task;
    if (!meant) continue;
    auto view = guest_view(now, run);
    view.copy_at = options_.site;
    return ApiAnswer{std::move(view)};
  }
  return ask_elsewhere(name);
}

Error Controller::ask_elsewhere(const JobName& name) const {
  auto members = members_to_count_on();
  members.push_back(options_.site);
  std::string keepers;
  for (const auto& site : choose_holders(name.site, members, options_.copier.holders)) {
    keepers += (keepers.empty() ? "" : " or ") + site.value;
  }
  return not_found("job " + text_of(name) + " was submitted at " + name.site.value + "; ask there (this is " +
                   options_.site.value + ", and has no copy of its record; if any, " + keepers + " should)");
}

JobView Controller::copy_view(Now now, const JobCopy& copy) const {
  const auto& record = copy.record;
  const auto& request = *record.request;
  JobView view{.id = record.id,
               .id_text = format_job(copy.origin, record.id),
               .name = request.name,
               .user = request.user + "@" + copy.origin.value,
               .state = std::string(hansa::state_of(record)),
               .reason = is_absent(copy.origin) ? "AwaitingOrigin(" + copy.origin.value + ")" : *record.reason,
               .origin = copy.origin,
               .resources = describe(request.resources),
               .time_limit = request.resources.time_limit,
               .epoch = record.epoch.value,
               .submitted = record.submitted,
               .age = std::chrono::milliseconds(std::max<std::int64_t>(now.wall.unix_ms - copy.as_of.unix_ms, 0)),
               .next = outlook_of_copy(copy),
               .copy_at = options_.site,
               .array_tasks_waiting = static_cast<std::uint32_t>(record.array->tasks.size())};
  if (const auto* host = host_of(record.state)) view.host = *host;
  if (const auto* ended = std::get_if<Ended>(&record.state)) {
    view.reason = ended->outcome->reason;
    view.host = ended->host;
    view.host_is_final = true;
    view.where = ended->outcome->where;
    view.started = ended->outcome->started;
    view.ended = ended->outcome->ended;
    view.outputs_home = ended->outputs_home;
    view.outcome = *ended->outcome;
    return view;
  }
  // Its run is here: of that this site knows more than its origin told.
  const auto* run = host_.find({.job = record.id, .epoch = record.epoch});
  if (!run || run->record.origin != copy.origin) return view;
  view.state = state_of(*run);
  view.age = Duration{0};
  fill_from_run(now, *run, view);
  return view;
}

// What its custodian can do, and whose word it still needs for that.
std::string Controller::outlook_of_adopted(const JobCopy& copy) const {
  std::string waits;
  for (const auto& site : custodian_.unwilling(copy.origin)) waits += (waits.empty() ? "" : ", ") + site.value;
  auto words = "this site is the custodian of " + copy.origin.value + ": hansa rerun makes a new job of it";
  if (!waits.empty()) {
    words += "; not yet agreed at " + waits + " (hansa site entrust " + copy.origin.value + " " + options_.site.value +
             " there)";
  }
  return words;
}

std::string Controller::outlook_of_copy(const JobCopy& copy) const {
  if (!is_absent(copy.origin)) return "";
  if (custodian_.has_adopted(copy.origin)) return outlook_of_adopted(copy);
  if (std::holds_alternative<Ended>(copy.record.state)) return "";
  const auto* delegated = std::get_if<Delegated>(&copy.record.state);
  if (!delegated) return "placed when " + copy.origin.value + " is back; nobody else places its jobs";
  return "goes on at " + delegated->host.value + ", which keeps its result until " + copy.origin.value + " is back";
}

}  // namespace hansa
