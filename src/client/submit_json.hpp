// What a job asks of each node, as the API has it.
#pragma once

#include <nlohmann/json.hpp>

#include "src/client/submit_form.hpp"

namespace hansa::client {

nlohmann::ordered_json resources_json(const SubmitForm& form, const NodeShape& shape);

}  // namespace hansa::client
