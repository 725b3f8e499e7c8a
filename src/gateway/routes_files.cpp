#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_job.hpp"
#include "src/gateway/json_manifest.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"

namespace hansa::gateway {
namespace {

constexpr std::size_t hashes_max = 65'536;

HttpResponse show_log(LogPiece piece) {
  return {.content_type = "application/octet-stream",
          .headers = "X-Hansa-Offset: " + std::to_string(piece.offset) +
                     "\r\nX-Hansa-Complete: " + (piece.complete ? "true" : "false") + "\r\n",
          .body = std::move(piece.bytes)};
}

Result<std::vector<ContentHash>> read_hashes(const std::string& body) {
  const auto value = nlohmann::json::parse(body, nullptr, false);
  if (!value.is_object() || !value.contains("hashes") || !value["hashes"].is_array()) {
    return usage_error(R"(a list of chunks is wanted, as in {"hashes": ["…", …]})");
  }
  if (value["hashes"].size() > hashes_max) return usage_error("hashes: at most 65536 at a time");
  std::vector<ContentHash> hashes;
  for (const auto& item : value["hashes"]) {
    auto hash = item.is_string() ? parse_hash(item.get_ref<const std::string&>())
                                 : Result<ContentHash>(usage_error("hashes: an item is no text"));
    if (!hash) return hash.error();
    hashes.push_back(*hash);
  }
  return hashes;
}

HttpResponse show_missing(const std::vector<ContentHash>& hashes) {
  auto missing = nlohmann::ordered_json::array();
  for (const auto& hash : hashes) missing.push_back(to_hex(hash));
  return {.body = to_text({{"missing", std::move(missing)}})};
}

nlohmann::ordered_json outputs_json(const JobOutputs& outputs) {
  auto json = manifest_json(outputs.manifest);
  json["stdout_path"] = outputs.stdout_path;
  json["stderr_path"] = outputs.stderr_path;
  return json;
}

// What is stored here and unreadable is our fault; what was just sent is the sender's.
HttpResponse refuse_chunk(const Error& error) {
  return error.kind == ErrorKind::corrupt ? problem(400, "corrupt", error.text) : problem(error);
}

}  // namespace

void read_log(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto job = read_job_name(arguments.front(), context.site);
  if (!job) return respond(problem(job.error()));
  const auto stream = request.parameter("stream").value_or("stdout");
  if (stream != "stdout" && stream != "stderr") return respond(bad_parameter("stream", "stdout or stderr is wanted"));
  std::uint64_t offset = 0;
  Duration wait{0};
  if (!read_number(request, "offset", offset)) return respond(bad_parameter("offset", "a number of bytes is wanted"));
  if (!read_wait(request, wait)) return respond(bad_parameter("wait", "a number of seconds is wanted"));
  context.handler.read_log(request.caller, *job, stream == "stderr", offset, wait,
                           [respond = std::move(respond)](Result<LogPiece> piece) {
                             respond(piece ? show_log(std::move(*piece)) : problem(piece.error()));
                           });
}

void get_outputs(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto job = read_job_name(arguments.front(), context.site);
  if (!job) return respond(problem(job.error()));
  context.handler.output_manifest(request.caller, *job, [respond = std::move(respond)](Result<JobOutputs> outputs) {
    respond(outputs ? HttpResponse{.body = to_text(outputs_json(*outputs))} : problem(outputs.error()));
  });
}

void get_chunk(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto job = read_job_name(arguments[0], context.site);
  if (!job) return respond(problem(job.error()));
  auto hash = parse_hash(arguments[1]);
  if (!hash) return respond(problem(hash.error()));
  context.handler.get_output_chunk(
      request.caller, *job, *hash, [respond = std::move(respond)](Result<std::string> bytes) {
        respond(bytes ? HttpResponse{.content_type = "application/zstd", .body = std::move(*bytes)}
                      : problem(bytes.error()));
      });
}

void missing_chunks(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  auto hashes = read_hashes(request.body);
  if (!hashes) return respond(problem(hashes.error()));
  context.handler.missing_chunks(request.caller, std::move(*hashes),
                                 [respond = std::move(respond)](Result<std::vector<ContentHash>> missing) {
                                   respond(missing ? show_missing(*missing) : problem(missing.error()));
                                 });
}

void put_chunk(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto hash = parse_hash(arguments.front());
  if (!hash) return respond(problem(hash.error()));
  context.handler.put_chunk(request.caller, *hash, std::move(request.body),
                            [respond = std::move(respond)](Status stored) {
                              respond(stored ? HttpResponse{.status = 204} : refuse_chunk(stored.error()));
                            });
}

}  // namespace hansa::gateway
