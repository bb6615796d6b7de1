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
		hop, ok := parseHop(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		address = hop.Unmap()
	}
	return address.String()
}

// parseHop reads an address as proxies forward it: some add the port, and put
// IPv6 into brackets.
func parseHop(text string) (netip.Addr, bool) {
	hop, err := netip.ParseAddr(text)
	if end := len(text) - 1; err != nil && end > 0 && text[0] == '[' && text[end] == ']' {
		hop, err = netip.ParseAddr(text[1:end])
	}
	if err != nil {
		var both netip.AddrPort
		both, err = netip.ParseAddrPort(text)
		hop = both.Addr()
	}
	// A zone is free text, and means something on its own machine only.
	return hop, err == nil && hop.Zone() == ""
}

func within(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(address) {
			return true
		}
	}
	return false
}
