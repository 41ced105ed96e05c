#include "drivers/sim/bus/line_fault.hpp"

#include <gtest/gtest.h>

namespace blondel::sim {
namespace {

// Answer "phase A lost" of register 146, as printed for the Series 4000-K.
const std::string answer{"\x01\x03\x02\x01\x00\xB9\xD4", 7};

TEST(LineFault, EveryNameLeadsBackToItsFault) {
  EXPECT_EQ(all_line_faults().size(), 15u);
  for (const auto kind : all_line_faults())
    if (kind != LineFaultKind::none && kind != LineFaultKind::delay) {
      EXPECT_EQ(line_fault(name(kind)).value().kind, kind);
    }
  const LineFault half_a_second{.kind = LineFaultKind::delay, .by = std::chrono::milliseconds{500}};
  EXPECT_EQ(line_fault("delay 0.5 s").value(), half_a_second);
  EXPECT_EQ(line_fault("delay 500 ms").value(), half_a_second);
}

TEST(LineFault, DelaysOutsideWhatLinksHaveAreRefused) {
  for (const char* text :
       {"delay", "delay 3 s", "delay 0.01 s", "delay -1 s", "delay 1", "delay 1 min", "delay 1 s late"})
    EXPECT_FALSE(line_fault(text)) << text;
}

TEST(LineFault, UnknownNameIsAnsweredWithThoseThereAre) {
  const auto unknown = line_fault("gremlins");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().what.find("truncated"), std::string::npos);
}

TEST(LineFault, CorruptBitChangesExactlyOne) {
  for (std::uint64_t n = 0; n < 100; ++n) {
    const auto bad = damaged(answer, LineFaultKind::corrupt_bit, 5, n);
    ASSERT_EQ(bad.size(), answer.size());
    int bits = 0;
    for (std::size_t i = 0; i < bad.size(); ++i)
      bits += __builtin_popcount(static_cast<unsigned>(static_cast<unsigned char>(bad[i] ^ answer[i])));
    EXPECT_EQ(bits, 1);
  }
}

TEST(LineFault, TruncationLeavesABeginning) {
  for (std::uint64_t n = 0; n < 100; ++n) {
    const auto bad = damaged(answer, LineFaultKind::truncate, 5, n);
    ASSERT_GE(bad.size(), 1u);
    ASSERT_LT(bad.size(), answer.size());
    EXPECT_EQ(answer.substr(0, bad.size()), bad);
  }
}

TEST(LineFault, OtherUnitsAnswerHasItsAddressAndARightChecksum) {
  // The checksum of 02 03 02 01 00, worked out apart from this program.
  EXPECT_EQ(damaged(answer, LineFaultKind::other_unit, 5, 1), (std::string{"\x02\x03\x02\x01\x00\xFD\xD4", 7}));
}

}  // namespace
}  // namespace blondel::sim
