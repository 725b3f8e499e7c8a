// Tables for people: aligned by what is in them, coloured only on a terminal, safe whatever a name holds.
#pragma once

#include <string>
#include <vector>

namespace hansa::client {

enum class Colour { none, good, waiting, bad, odd, faint };

struct Cell {
  std::string text;
  Colour colour = Colour::none;
  bool right = false;  // aligned to the right, as numbers are

  Cell(std::string words, Colour of = Colour::none) : text(std::move(words)), colour(of) {}
  Cell(const char* words) : text(words) {}
  static Cell number(std::string words) {
    Cell cell(std::move(words));
    cell.right = true;
    return cell;
  }
};

struct Table {
  std::vector<std::string> header;  // empty: none
  std::vector<std::vector<Cell>> rows;

  std::string text(bool coloured) const;
};

// As wide as it is shown: characters, not bytes.
std::size_t shown_width(const std::string& text);
// Control characters, which a terminal would obey, as '?'.
std::string harmless(const std::string& text);

Colour colour_of_state(const std::string& state);

}  // namespace hansa::client
