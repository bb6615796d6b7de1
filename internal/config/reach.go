package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
)

// transport refuses plain http to another machine: anybody in between could read and
// change passwords, tokens and sessions.
func (p *problems) transport(name string, u *url.URL) {
	if u.Scheme == "https" || p.plainHTTP || loopback(u.Hostname()) {
		return
	}
	p.add(name + " is in plain http, which anybody on the way can read: " +
		"give https, or set CONSOLE_ALLOW_PLAIN_HTTP=true to take the risk")
}

// Reachable reports whether other machines may reach addr, a HOST:PORT to listen on.
func Reachable(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err != nil || !loopback(host)
}

// loopback reports whether host is localhost or a loopback address.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// The widest networks to trust proxies in.
const (
	widestIPv4    = 8  // 10.0.0.0/8
	widestIPv6    = 16 // some providers have a /19
	widestPrivate = 7  // fc00::/7
)

// narrow refuses a network that is so wide that it trusts everybody.
func (p *problems) narrow(name string, network netip.Prefix) {
	widest := widestIPv6
	switch a := network.Addr(); {
	case a.Is4In6():
		widest = 96 + widestIPv4
	case a.Is4():
		widest = widestIPv4
	case a.IsPrivate():
		widest = widestPrivate
	}
	if network.Bits() < widest {
		p.add(fmt.Sprintf("%s trusts %s, and so everybody: name the addresses of your proxies, or a network of at most /%d",
			name, network, widest))
	}
}
