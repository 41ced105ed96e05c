#include "references/error.hpp"

namespace blondel {

std::string_view name(Fault fault) {
  switch (fault) {
    case Fault::usage: return "usage";
    case Fault::malformed: return "malformed";
    case Fault::refused: return "refused";
    case Fault::incapable: return "incapable";
    case Fault::unreachable: return "unreachable";
    case Fault::timeout: return "timeout";
    case Fault::protocol: return "protocol";
    case Fault::instrument: return "instrument";
    case Fault::tripped: return "tripped";
    case Fault::wiring: return "wiring";
    case Fault::rejected: return "rejected";
    case Fault::storage: return "storage";
    case Fault::cancelled: return "cancelled";
  }
  return "unknown";
}

}  // namespace blondel
