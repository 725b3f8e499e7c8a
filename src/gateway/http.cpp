#include "src/gateway/http.hpp"

#include <algorithm>

namespace hansa::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `plus_is_space` as forms write queries.
bool decode(std::string_view text, bool plus_is_space, std::string& into) {
  into.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return false;
    into += c;
  }
  return true;
}

bool parse_query(std::string_view text, HttpRequest& request) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto item = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (item.empty()) continue;
    const auto equals = item.find('=');
    auto& [name, value] = request.query.emplace_back();
    if (!decode(item.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !decode(item.substr(equals + 1), true, value)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
  const auto found = std::find_if(query.rbegin(), query.rend(), [&](const auto& item) { return item.first == name; });
  if (found == query.rend()) return std::nullopt;
  return found->second;
}

bool parse_target(std::string_view target, HttpRequest& request) {
  const auto mark = target.find('?');
  if (!decode(target.substr(0, mark), false, request.path)) return false;
  return mark == std::string_view::npos || parse_query(target.substr(mark + 1), request);
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::string response_head(const HttpResponse& response, bool keep) {
  std::string head;
  head.reserve(192 + response.headers.size());
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason_phrase(response.status);
  if (response.status != 204) {
    head += "\r\nContent-Type: ";
    head += response.content_type;
    head += "\r\nContent-Length: ";
    head += std::to_string(response.body.size());
  }
  head += "\r\n";
  head += response.headers;
  head += keep ? "\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace hansa::gateway
