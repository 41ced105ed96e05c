#include "references/metering/service.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace blondel {
namespace {

TEST(ServiceTest, HasOneElementLessThanWiresUnlessTheNeutralIsVirtual) {
  const std::size_t count[] = {1, 1, 2, 2, 3, 3};
  for (std::size_t k = 0; k < services.size(); ++k) EXPECT_EQ(elements(services[k]).size(), count[k]);
}

TEST(ServiceTest, WithoutNeutralNoElementSeesWhatAllLinesShare) {
  for (const Service service : {Service::two_wire_ll, Service::two_wattmeters, Service::virtual_neutral})
    for (const auto& e : elements(service))
      EXPECT_NEAR(std::accumulate(e.voltage.begin(), e.voltage.end(), 0.0), 0, 1e-15) << name(service) << e.name;
}

TEST(ServiceTest, TheVirtualNeutralIsAThirdOfTheLineVoltagesDifference) {
  const auto e = elements(Service::virtual_neutral).at(1);
  const double a = 3, b = -7, c = 11;
  EXPECT_NEAR(e.voltage[0] * a + e.voltage[1] * b + e.voltage[2] * c, ((b - c) - (a - b)) / 3, 1e-14);
}

TEST(ServiceTest, NeedsTheChannelsOfItsElements) {
  const auto needs = [](Service service) {
    std::string channels;
    for (std::size_t k = 0; k < 6; ++k)
      if (needed_channels(service)[k]) channels += std::string{channel_names[k]} + " ";
    return channels;
  };
  EXPECT_EQ(needs(Service::one_phase), "va ia ");
  EXPECT_EQ(needs(Service::two_wire_ll), "va vb ia ");
  EXPECT_EQ(needs(Service::split_phase), "va vb ia ib ");
  EXPECT_EQ(needs(Service::two_wattmeters), "va vb vc ia ic ");
  EXPECT_EQ(needs(Service::virtual_neutral), "va vb vc ia ib ic ");
  EXPECT_EQ(needs(Service::four_wire), "va vb vc ia ib ic ");
}

TEST(ServiceTest, IsReadByItsName) {
  for (const Service service : services) EXPECT_EQ(parse_service(name(service), "x"), service);
  const auto wrong = parse_service("star", "points.yaml:3:9");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, Fault::malformed);
  EXPECT_EQ(wrong.error().where, "points.yaml:3:9");
  EXPECT_NE(wrong.error().what.find("two wattmeters"), std::string::npos);
}

TEST(ServiceTest, EverySystemTypeHasItsService) {
  for (const SystemType type : system_types) {
    EXPECT_EQ(elements(service_of(type)).size(), static_cast<std::size_t>(connection(type).elements())) << name(type);
    EXPECT_EQ(name(service_of(type)), name(type));
  }
}

}  // namespace
}  // namespace blondel
