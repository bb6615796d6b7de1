package emulator

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// loopbackHost reports whether a host, with or without a port, is localhost or a
// loopback address.
func loopbackHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback() && ip.Zone() == ""
}

// ownHostsOnly refuses requests for hosts that are not loopback. It stops DNS
// rebinding: a site that has its own name resolve to this machine.
func ownHostsOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackHost(r.Host) {
			http.Error(w, "The emulator answers to localhost and loopback addresses only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownPagesOnly refuses requests that another site made a browser send. Programs
// send neither of the two headers.
func ownPagesOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownOrigin(r.Header.Values("Origin")) || !ownSite(r.Header.Values("Sec-Fetch-Site")) {
			http.Error(w, "The emulator takes this from its own pages and from programs only.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func ownOrigin(origins []string) bool {
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !loopbackHost(u.Host) {
			return false
		}
	}
	return true
}

func ownSite(sites []string) bool {
	for _, site := range sites {
		if site != "same-origin" && site != "none" {
			return false
		}
	}
	return true
}
