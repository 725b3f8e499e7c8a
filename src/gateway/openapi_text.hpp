// docs/api/openapi.json as the daemon serves it; a test holds it to the routes and to what they answer.
#pragma once

#include <string_view>

namespace hansa::gateway {

extern const std::string_view openapi_text;

}  // namespace hansa::gateway
