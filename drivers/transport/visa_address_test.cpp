#include "drivers/transport/visa_address.hpp"

#include <gmock/gmock.h>

namespace blondel {
namespace {

TEST(VisaAddress, ASocketHasHostAndPort) {
  const VisaAddress expected{.kind = VisaAddress::Kind::socket, .host = "192.168.1.20", .port = 5025, .device = {}};
  EXPECT_EQ(*parse_visa_address("TCPIP0::192.168.1.20::5025::SOCKET", "x"), expected);
  EXPECT_EQ(*parse_visa_address("tcpip::192.168.1.20::5025::socket", "x"), expected);
  EXPECT_EQ(parse_visa_address("TCPIP0::bridge-2.lab::1234::SOCKET", "x")->host, "bridge-2.lab");
}

TEST(VisaAddress, ASerialPortHasADevice) {
  EXPECT_EQ(parse_visa_address("ASRL/dev/ttyUSB0::INSTR", "x")->device, "/dev/ttyUSB0");
}

TEST(VisaAddress, APortOutsideItsRangeIsRefused) {
  for (const char* text :
       {"TCPIP0::h::0::SOCKET", "TCPIP0::h::65536::SOCKET", "TCPIP0::h::99999999999999999999::SOCKET"})
    EXPECT_EQ(parse_visa_address(text, "x").error().fault, Fault::malformed) << text;
}

TEST(VisaAddress, WhatVisaKnowsAndWeCannotReachIsNamedAsSuch) {
  for (const char* text : {"GPIB0::17::INSTR", "TCPIP0::host::inst0::INSTR", "TCPIP0::host::hislip0::INSTR",
                           "USB0::0x1234::0x5678::serial::0::INSTR"})
    EXPECT_THAT(parse_visa_address(text, "bench.yaml:3:9").error().what, testing::HasSubstr("not supported yet"))
        << text;
}

TEST(VisaAddress, AnythingElseIsNoAddress) {
  for (const char* text : {"", "192.168.1.20:5025", "TCPIP0::h::5025::SOCKET ", "TCPIP0::h;rm::1::SOCKET"})
    EXPECT_EQ(parse_visa_address(text, "bench.yaml:3:9").error().where, "bench.yaml:3:9") << text;
}

}  // namespace
}  // namespace blondel
