// Manifests of bundles in JSON: {"entries": [{"path", "kind": "file|folder|link", "mode", "size_bytes", "target",
// "chunks": [hash, …]}]}. Only `path` is required; mode is octal text, as people write it: "0755".
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"

namespace hansa::gateway {

nlohmann::ordered_json manifest_json(const Manifest& manifest);
// Checks form and bounds; whether a path stays inside is judged by who writes files.
Result<Manifest> read_manifest(const nlohmann::json& value);

}  // namespace hansa::gateway
