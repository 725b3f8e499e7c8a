#include "src/client/table.hpp"

#include <algorithm>

namespace hansa::client {
namespace {

const char* escape_of(Colour colour) {
  switch (colour) {
    case Colour::good:
      return "\033[32m";
    case Colour::waiting:
      return "\033[33m";
    case Colour::bad:
      return "\033[31m";
    case Colour::odd:
      return "\033[35m";
    case Colour::faint:
      return "\033[2m";
    case Colour::none:
      break;
  }
  return "";
}

void append(std::string& line, const Cell& cell, std::size_t width, bool last, bool coloured) {
  const auto text = harmless(cell.text);
  const auto padding = std::string(width - std::min(width, shown_width(text)), ' ');
  const bool paint = coloured && cell.colour != Colour::none;
  if (cell.right) line += padding;
  line += paint ? escape_of(cell.colour) + text + "\033[0m" : text;
  if (!last && !cell.right) line += padding;
  if (!last) line += "  ";
}

}  // namespace

std::size_t shown_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string harmless(const std::string& text) {
  std::string out = text;
  for (auto& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return out;
}

std::string Table::text(bool coloured) const {
  std::vector<std::size_t> widths;
  const auto measure = [&](std::size_t column, const std::string& cell) {
    if (widths.size() <= column) widths.resize(column + 1);
    widths[column] = std::max(widths[column], shown_width(cell));
  };
  for (std::size_t i = 0; i < header.size(); ++i) measure(i, header[i]);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) measure(i, row[i].text);
  }
  std::string out;
  const auto write_row = [&](const std::vector<Cell>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) append(out, row[i], widths[i], i + 1 == row.size(), coloured);
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  };
  if (!header.empty()) {
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < header.size(); ++i) {
      cells.emplace_back(header[i], Colour::faint);
      cells.back().right = !rows.empty() && i < rows.front().size() && rows.front()[i].right;
    }
    write_row(cells);
  }
  for (const auto& row : rows) write_row(row);
  return out;
}

Colour colour_of_state(const std::string& state) {
  if (state == "RUNNING" || state == "COMPLETED" || state == "alive") return Colour::good;
  if (state == "PENDING" || state == "CONFIGURING" || state == "COMPLETING" || state == "suspect")
    return Colour::waiting;
  if (state == "UNKNOWN" || state == "left") return Colour::odd;
  if (state == "CANCELLED") return Colour::faint;
  return Colour::bad;
}

}  // namespace hansa::client
