package request

import (
	"net/http"
	"net/netip"
	"strings"
)

// Address is who sent r: the other end of the connection or, if that is a
// trusted proxy, the last address in X-Forwarded-For that is not one. It is "" if
// nobody can tell.
func Address(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && within(trusted, address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		// A zone is free text, and means something on its own machine only.
		if err != nil || hop.Zone() != "" {
			break
		}
		address = hop.Unmap()
	}
	return address.String()
}

func within(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(address) {
			return true
		}
	}
	return false
}
