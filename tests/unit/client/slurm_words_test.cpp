#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/client/aliases.hpp"
#include "src/client/job_numbers.hpp"
#include "src/client/slurm_format.hpp"

namespace hansa::client {
namespace {

nlohmann::json job() {
  return {{"id", "wujiang-1042"}, {"number", 1042},  {"task", nullptr},      {"name", "a/b"},
          {"user", "ann"},        {"host", "taihu"}, {"where", "a100[3,4]"}, {"array_waiting", ""}};
}

nlohmann::json task() {
  auto view = job();
  view["task"] = 7;
  return view;
}

TEST(FileNames, ArePatternsAsSlurmHasThem) {
  EXPECT_EQ(expand_file_name("slurm-%j.out", job()), "slurm-1042.out");
  EXPECT_EQ(expand_file_name("%A_%a.%j", task()), "1042_7.10420000007");
  EXPECT_EQ(expand_file_name("%6A-%4a", task()), "001042-0007");
  EXPECT_EQ(expand_file_name("%x/%u on %N%%", job()), "a_b/ann on a100-3%");
  EXPECT_EQ(expand_file_name("\\%j", job()), "%j") << "a backslash turns it off";
  EXPECT_EQ(expand_file_name("ends with %", job()), "ends with ");
}

TEST(JobNumbers, AreShownAsSqueueShowsThem) {
  EXPECT_EQ(slurm_shown_id(job()), "1042");
  EXPECT_EQ(slurm_shown_id(task()), "1042_7");
  auto array = job();
  array["array_waiting"] = "8-100%10";
  EXPECT_EQ(slurm_shown_id(array), "1042_[8-100%10]");
}

std::string shown(std::string_view format) {
  return format_line(*parse_format(format), [](char letter) { return std::string(5, letter); });
}

TEST(LineFormat, WidthsCutAndFill) {
  EXPECT_EQ(shown("%i|%.8j|%8u|%.2t"), "iiiii|   jjjjj|uuuuu   |tt\n");
  EXPECT_EQ(shown("no field"), "no field\n");
  EXPECT_FALSE(parse_format("%.1").ok());
}

TEST(LineFormat, CountsCharactersRatherThanBytes) {
  const auto line = format_line(*parse_format("%.4j|%2j"), [](char) { return std::string("grüß"); });
  EXPECT_EQ(line, "grüß|gr\n");
}

TEST(LineFormat, LongNamesAreFieldsOfTwenty) {
  constexpr FormatName names[] = {{'i', "JOBID", "jobid"}, {'T', "STATE", "state"}};
  const auto format = parse_long_format("JobID:8,State", names);
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(format_header(*format, names), "JOBID   STATE               \n");
  EXPECT_FALSE(parse_long_format("Nonsense", names).ok());
}

TEST(Aliases, AreFoundByTheNameOfTheProgram) {
  EXPECT_EQ(find_alias("/usr/bin/hansa-squeue")->name, "squeue");
  EXPECT_EQ(find_alias("sbatch")->name, "sbatch");
  EXPECT_EQ(find_alias("hansa"), nullptr);
  EXPECT_EQ(find_alias("hansa-init"), nullptr);
  EXPECT_EQ(compact_state("RUNNING"), "R");
  EXPECT_EQ(full_state("PD"), "PENDING");
  EXPECT_EQ(full_state("nonsense"), "");
}

}  // namespace
}  // namespace hansa::client
