#include "src/gateway/json_job.hpp"

#include "hansa/types/datasets.hpp"
#include "src/gateway/json_fields.hpp"
#include "src/gateway/json_manifest.hpp"

namespace hansa::gateway {
namespace {

// What the tables below fill in.
struct Draft {
  JobForm form;
  const JobFormContext& context;
};

Complaint read_memory(const json& value, std::uint64_t& mib) {
  std::uint64_t bytes = 0;
  auto complaint = read_count(value, bytes, std::uint64_t{1} << 50);
  mib = (bytes + (1u << 20) - 1) >> 20;
  return complaint;
}

Complaint read_time_limit(const json& value, Duration& into) {
  if (auto complaint = read_seconds(value, into); !complaint.empty()) return complaint;
  return into <= Duration::zero() ? "must be above 0" : Complaint{};
}

constexpr std::uint64_t nodes_most = 1'000'000;

const FormField<ResourceRequest> resource_fields[] = {
    {"nodes", [](const json& v, ResourceRequest& r) { return read_count(v, r.nodes, nodes_most); }},
    {"accelerators_per_node",
     [](const json& v, ResourceRequest& r) { return read_count(v, r.per_node.accelerators, nodes_most); }},
    {"cores_per_node", [](const json& v, ResourceRequest& r) { return read_count(v, r.per_node.cores, nodes_most); }},
    {"memory_bytes_per_node", [](const json& v, ResourceRequest& r) { return read_memory(v, r.per_node.memory_mib); }},
    {"pflops", [](const json& v, ResourceRequest& r) { return read_amount(v, r.pflops, 1e6); }},
    {"models", [](const json& v, ResourceRequest& r) { return read_texts(v, r.models, 256); }},
    {"labels", [](const json& v, ResourceRequest& r) { return read_texts(v, r.labels, 256); }},
    {"time_limit_s", [](const json& v, ResourceRequest& r) { return read_time_limit(v, r.time_limit); }},
    {"exclusive", [](const json& v, ResourceRequest& r) { return read_flag(v, r.exclusive); }},
    {"pools", [](const json& v, ResourceRequest& r) { return read_texts(v, r.pools, 256); }},
};

Complaint read_sites(const json& value, std::vector<SiteName>& into) {
  return read_list(value, [&](const json& item) -> Complaint {
    std::string text;
    if (auto complaint = read_text(item, text); !complaint.empty()) return complaint;
    auto site = parse_site_name(text);
    if (!site) return "is no site: " + site.error().text;
    into.push_back(*site);
    return {};
  });
}

template <class Choice, std::size_t Size>
Complaint read_choice(const json& value, Choice& into, const Choice (&known)[Size]) {
  std::string words;
  for (const auto choice : known) {
    if (value == std::string(to_word(choice))) {
      into = choice;
      return {};
    }
    words += (words.empty() ? "" : ", ") + std::string(to_word(choice));
  }
  return "must be one of " + words;
}

const FormField<DatasetWish> dataset_fields[] = {
    {"name",
     [](const json& v, DatasetWish& d) {
       auto complaint = read_word(v, d.name);
       if (!complaint.empty() || is_dataset_name(d.name)) return complaint;
       return Complaint("must be 1 to 63 of a-z, 0-9, '-', '_' and '.'");
     }},
    {"required", [](const json& v, DatasetWish& d) { return read_flag(v, d.required); }},
};

Complaint read_datasets(const json& value, std::vector<DatasetWish>& into) {
  constexpr std::size_t datasets_max = 64;
  if (value.is_array() && value.size() > datasets_max) return "must have at most 64 items";
  return read_list(value, [&](const json& item) {
    auto complaint = read_form(item, into.emplace_back(), dataset_fields);
    return complaint.empty() && into.back().name.empty() ? "lacks a name" : complaint;
  });
}

const FormField<PlacementWishes> wish_fields[] = {
    {"prefer",
     [](const json& v, PlacementWishes& w) {
       return read_choice(v, w.prefer, {Prefer::fastest, Prefer::cheapest, Prefer::local});
     }},
    {"region", [](const json& v, PlacementWishes& w) { return read_word(v, w.region); }},
    {"within_s", [](const json& v, PlacementWishes& w) { return read_seconds(v, w.within); }},
    {"sites", [](const json& v, PlacementWishes& w) { return read_sites(v, w.sites); }},
    {"exclude", [](const json& v, PlacementWishes& w) { return read_sites(v, w.excluded); }},
    {"datasets", [](const json& v, PlacementWishes& w) { return read_datasets(v, w.datasets); }},
};

struct DependencyForm {
  std::string kind;
  std::string job;
};

const FormField<DependencyForm> dependency_fields[] = {
    {"kind", [](const json& v, DependencyForm& d) { return read_text(v, d.kind); }},
    {"job", [](const json& v, DependencyForm& d) { return read_text(v, d.job); }},
};

Complaint resolve_dependency(const DependencyForm& form, const JobFormContext& context, Dependency& into) {
  if (form.kind == "singleton") {
    into.kind = DependencyKind::singleton;
    return form.job.empty() ? Complaint{} : "is singleton and yet names a job";
  }
  if (form.kind == "afterok") {
    into.kind = DependencyKind::after_ok;
  } else if (form.kind == "afterany") {
    into.kind = DependencyKind::after_any;
  } else if (form.kind == "afternotok") {
    into.kind = DependencyKind::after_not_ok;
  } else {
    return "is of a kind other than afterok, afterany, afternotok and singleton";
  }
  auto name = read_job_name(form.job, context.site);
  if (!name) return "names no job: " + name.error().text;
  if (name->site != context.site) {
    return "names " + form.job + ", a job of another site: depend on jobs submitted here, at " + context.site.value;
  }
  into.job = JobId{.store = context.store, .number = name->number, .task = name->task};
  return {};
}

Complaint read_dependencies(const json& value, Draft& draft) {
  return read_list(value, [&](const json& item) {
    DependencyForm form;
    if (auto complaint = read_form(item, form, dependency_fields); !complaint.empty()) return complaint;
    return resolve_dependency(form, draft.context, draft.form.request.dependencies.emplace_back());
  });
}

Complaint read_array(const json& value, ArraySpec& into) {
  std::string text;
  if (auto complaint = read_text(value, text, 64u << 10); !complaint.empty()) return complaint;
  auto array = parse_array(text);
  if (!array) return ": " + array.error().text;
  into = std::move(*array);
  return {};
}

// A folder within the job's own, as its inputs and outputs are named.
Complaint read_checkpoint(const json& value, Draft& draft) {
  auto& folder = draft.form.request.checkpoint;
  if (auto complaint = read_word(value, folder, 1'024); !complaint.empty()) return complaint;
  const auto framed = "/" + folder + "/";
  for (const auto* bad : {"/../", "/./", "//", "/.hansa/"}) {
    if (!folder.empty() && framed.find(bad) != std::string::npos)
      return "must be a folder within the job's, as in ckpt: relative, without '.', '..' and .hansa";
  }
  return {};
}

Complaint read_inputs(const json& value, Draft& draft) {
  auto manifest = read_manifest(value);
  if (!manifest) return ": " + manifest.error().text;
  draft.form.request.bundle_bytes = manifest->size_bytes();
  draft.form.payload.inputs = std::move(*manifest);
  return {};
}

Complaint read_user(const json& value, Draft& draft) {
  std::string user;
  if (auto complaint = read_word(value, user); !complaint.empty()) return complaint;
  if (user != draft.context.caller.user && !draft.context.caller.is_operator) {
    return "is another user's name, which only an operator may give; leave it out";
  }
  draft.form.request.user = std::move(user);
  return {};
}

const FormField<Draft> job_fields[] = {
    {"name", [](const json& v, Draft& d) { return read_word(v, d.form.request.name); }},
    {"user", read_user},
    {"resources", [](const json& v, Draft& d) { return read_form(v, d.form.request.resources, resource_fields); }},
    {"placement", [](const json& v, Draft& d) { return read_form(v, d.form.request.wishes, wish_fields); }},
    {"on_partition",
     [](const json& v, Draft& d) {
       return read_choice(v, d.form.request.on_partition, {OnPartition::wait, OnPartition::rerun});
     }},
    {"lease_s", [](const json& v, Draft& d) { return read_time_limit(v, d.form.request.lease); }},
    {"requeue", [](const json& v, Draft& d) { return read_flag(v, d.form.request.requeue); }},
    {"checkpoint", read_checkpoint},
    {"dependencies", read_dependencies},
    {"array", [](const json& v, Draft& d) { return read_array(v, d.form.array); }},
    {"held", [](const json& v, Draft& d) { return read_flag(v, d.form.held); }},
    {"idempotency_key",
     [](const json& v, Draft& d) { return read_word(v, d.form.idempotency_key, idempotency_key_bytes_max); }},
    {"script", [](const json& v, Draft& d) { return read_text(v, d.form.payload.script, long_text_bytes_max); }},
    {"arguments", [](const json& v, Draft& d) { return read_texts(v, d.form.payload.arguments, 128u << 10); }},
    {"environment", [](const json& v, Draft& d) { return read_map(v, d.form.payload.environment); }},
    {"inputs", read_inputs},
    {"workdir", [](const json& v, Draft& d) { return read_text(v, d.form.payload.workdir); }},
    {"outputs", [](const json& v, Draft& d) { return read_texts(v, d.form.payload.outputs); }},
    {"stdout_path", [](const json& v, Draft& d) { return read_text(v, d.form.payload.stdout_path); }},
    {"stderr_path", [](const json& v, Draft& d) { return read_text(v, d.form.payload.stderr_path); }},
    {"passed_through", [](const json& v, Draft& d) { return read_map(v, d.form.payload.passed_through); }},
};

Complaint check(const JobForm& form) {
  const auto& resources = form.request.resources;
  if (form.payload.script.empty() && form.payload.arguments.empty()) {
    return "has neither a script nor arguments: there is nothing to run";
  }
  if (resources.nodes == 0) return "asks for 0 nodes: at least 1 is needed";
  if (resources.per_node.cores == 0 && resources.per_node.accelerators == 0 && resources.pflops == 0) {
    return "asks for no cores and no accelerators: at least one of them is needed";
  }
  return {};
}

}  // namespace

Result<JobForm> read_job(const json& value, const JobFormContext& context) {
  Draft draft{.form = {}, .context = context};
  draft.form.request.user = context.caller.user;
  auto complaint = read_form(value, draft, job_fields);
  if (complaint.empty()) complaint = check(draft.form);
  if (!complaint.empty()) return usage_error("job" + (complaint.front() == ':' ? complaint : " " + complaint));
  return std::move(draft.form);
}

Result<JobForm> parse_job(std::string_view text, const JobFormContext& context) {
  const auto value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return usage_error("job: this is no JSON");
  return read_job(value, context);
}

std::vector<std::string> job_field_names() {
  std::vector<std::string> names;
  for (const auto& field : job_fields) names.emplace_back(field.name);
  return names;
}

Result<JobName> read_job_name(std::string_view text, const SiteName& here) {
  const bool numeric = !text.empty() && text.find_first_not_of("0123456789_") == std::string_view::npos;
  return parse_job_name(numeric ? here.value + "-" + std::string(text) : std::string(text));
}

}  // namespace hansa::gateway
