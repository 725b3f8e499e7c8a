// Whatever happened, and in whatever order it was heard: sites that hold the same statements think the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/admission/town.hpp"

namespace hansa::test {
namespace {

// A history of joins, leaves and votes among up to eight sites, with loss and cuts.
void live(Town& town, Rng& rng) {
  town.found("s0");
  std::vector<std::string> names{"s0"};
  const auto any = [&]() -> const std::string& { return names[rng.below(names.size())]; };
  for (int step = 0; step < 25; ++step) {
    const auto dice = rng.below(10);
    if (dice < 4 && names.size() < 8) {
      const auto name = "s" + std::to_string(names.size());
      const auto sponsor = any();
      const auto* own = town[sponsor].own();
      if (own && own->kind == StandingKind::member && own->certificate.sponsor.granted) {
        (void)town.join(name, town.invite(sponsor, {.sponsor = {rng.below(2) == 0, ""}}));
        names.push_back(name);
      }
    } else if (dice == 4) {
      const auto who = any();
      if (who != "s0") (void)town.leave(who);
    } else if (dice < 7) {
      const auto voter = any(), subject = any();
      if (voter != subject) (void)town.evict(voter, subject, rng.below(3) == 0);
    } else if (dice == 7) {
      const auto a = any(), b = any();
      if (a != b) town.cut(a, b, rng.below(2) == 0);
    }
    town.elapse(std::chrono::minutes(rng.below(300)));
  }
}

TEST(AdmissionProperty, BooksAreTheSameWhateverTheOrderOfTheirStatements) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng{seed};
    Town town(seed);
    town.lose(10);
    live(town, rng);
    const auto& original = town["s0"].book();
    std::vector<SignedStatement> statements;
    for (const auto& [id, statement] : original.statements()) statements.push_back(statement);
    const FakeNotary notary("reader");
    std::optional<Standings> first;
    for (int round = 0; round < 4; ++round) {
      for (std::size_t i = statements.size(); i > 1; --i) std::swap(statements[i - 1], statements[rng.below(i)]);
      TrustBook book(notary, AdmissionOptions{});
      book.open(original.charter());
      auto waiting = statements;
      for (std::size_t before = waiting.size() + 1; waiting.size() < before;) {
        before = waiting.size();
        std::erase_if(waiting, [&](const auto& one) { return book.take(town.now().wall, one) == Taken::news; });
      }
      ASSERT_EQ(book.summary(), original.summary()) << "seed " << seed;
      const auto standings = reckon(book, AdmissionOptions{}, town.now().wall);
      if (!first) first = standings;
      ASSERT_EQ(standings.size(), first->size());
      for (const auto& [key, standing] : standings) {
        EXPECT_EQ(standing.kind, first->at(key).kind) << "seed " << seed;
        EXPECT_EQ(standing.expires, first->at(key).expires) << "seed " << seed;
      }
    }
  }
}

TEST(AdmissionProperty, MembersWithinReachOfEachOtherAgreeInTheEnd) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng{seed * 7919};
    Town town(seed);
    town.lose(30);
    live(town, rng);
    town.lose(0);
    for (int a = 0; a < 8; ++a) {
      for (int b = 0; b < a; ++b) town.cut("s" + std::to_string(a), "s" + std::to_string(b), false);
    }
    town.elapse(hour);
    if (!town["s0"].own() || town["s0"].own()->kind != StandingKind::member) continue;
    for (const auto& one : town["s0"].admitted()) {
      const auto& name = one.site.value;
      if (!town.admits(name, "s0")) continue;  // it was put out while it heard nothing, or has left
      EXPECT_EQ(town[name].book().summary(), town["s0"].book().summary()) << "seed " << seed << " " << name;
    }
  }
}

TEST(AdmissionProperty, AnyBytesAsADocumentAreSurvived) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  Rng rng{5};
  for (int round = 0; round < 300; ++round) {
    auto damaged = town.at("taihu").documents;
    for (auto& [name, bytes] : damaged) {
      if (!bytes.empty()) bytes[rng.below(bytes.size())] = static_cast<char>(rng.next());
    }
    Admissions fresh(town.at("taihu").own, AdmissionOptions{}, town.at("taihu").notary, Rng{1});
    fresh.restore(town.now(), damaged);
    for (const auto& one : fresh.admitted()) EXPECT_EQ(one.site, SiteName{"wujiang"});
  }
}

}  // namespace
}  // namespace hansa::test
