#include <gtest/gtest.h>

#include "reports/html_escape.hpp"
#include "reports/visible_text.hpp"
#include "reports/xml_escape.hpp"

namespace blondel {
namespace {

const std::string bad = "\xEF\xBF\xBD";  // U+FFFD

TEST(HtmlEscape, LeavesNoWayOutOfATextOrAnAttribute) {
  EXPECT_EQ(html_escape("<script>\"'&`</script>"), "&lt;script&gt;&quot;&#39;&amp;&#96;&lt;/script&gt;");
  EXPECT_EQ(html_escape("0.5 µ°±"), "0.5 µ°±");
}

TEST(VisibleText, ShowsControlCharactersAndTakesAwayTheirPower) {
  EXPECT_EQ(visible_text("A\x1b[2J\nB\x7f"), "A␛[2J␊B␡");
  EXPECT_EQ(visible_text(std::string("\0", 1)), "␀");
  EXPECT_EQ(visible_text("12\xE2\x80\xAE"
                         "34"),
            "12" + bad + "34");  // right-to-left override
  EXPECT_EQ(visible_text("\xC2\x9B"
                         "31m"),
            bad + "31m");  // the one-byte CSI of C1
}

TEST(VisibleText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(visible_text("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(visible_text("\xC0\xAF"), bad + bad);                      // overlong slash
  EXPECT_EQ(visible_text("\xED\xA0\x80"), bad + bad + bad);            // a surrogate
  EXPECT_EQ(visible_text("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // beyond U+10FFFF
  EXPECT_EQ(visible_text("\xE2\x82"), bad + bad);                      // cut short
  EXPECT_EQ(visible_text("\xF0\x9F\x94\x8C"), "\xF0\x9F\x94\x8C");
}

TEST(XmlEscape, KeepsLineEndsAndReplacesWhatXmlDoesNotKnow) {
  EXPECT_EQ(xml_escape("a<b>&\"'\t\n\r"), "a&lt;b&gt;&amp;&quot;&apos;&#9;&#10;&#13;");
  EXPECT_EQ(xml_escape("\x01\x1F"), bad + bad);
  EXPECT_EQ(xml_escape("\xEF\xBF\xBE"), bad);  // U+FFFE
  EXPECT_EQ(xml_escape("\xFF"), bad);
}

}  // namespace
}  // namespace blondel
