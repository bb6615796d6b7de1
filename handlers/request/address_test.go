package request

import (
	"net/http"
	"net/netip"
	"testing"
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func TestAddress(t *testing.T) {
	t.Parallel()
	proxies := prefixes("10.0.0.0/8", "fe80::/10")
	tests := []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "192.0.2.1:443", nil, "192.0.2.1"},
		{"a stranger's header is not believed", "192.0.2.1:443", []string{"198.51.100.1"}, "192.0.2.1"},
		{"a proxy", "10.0.0.1:443", []string{"198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:443", []string{"203.0.113.9, 198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		{"a proxy without the header", "10.0.0.1:443", nil, "10.0.0.1"},
		{"no address in it", "10.0.0.1:443", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"a port behind it", "10.0.0.1:443", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"a port behind IPv6", "10.0.0.1:443", []string{"[2001:db8::1]:4711, 10.0.0.2:80"}, "2001:db8::1"},
		{"brackets alone", "10.0.0.1:443", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"no port behind it", "10.0.0.1:443", []string{"198.51.100.1:http"}, "10.0.0.1"},
		{"brackets that do not close", "10.0.0.1:443", []string{"[2001:db8::1"}, "10.0.0.1"},
		{"text in a zone before a port", "10.0.0.1:443", []string{"[fe80::1%<script>]:80"}, "10.0.0.1"},
		{"text in a zone is not believed", "10.0.0.1:443", []string{"fe80::1%<script>"}, "10.0.0.1"},
		{"mapped to IPv6", "[::ffff:10.0.0.1]:443", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"the peer's own zone", "[fe80::1%eth0]:443", nil, "fe80::1"},
		{"nobody knows", "@", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{RemoteAddr: test.peer, Header: http.Header{"X-Forwarded-For": test.forwarded}}
			if got := Address(r, proxies); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// FuzzAddress holds that whatever a proxy forwards, the address is one, or that
// of the peer.
func FuzzAddress(f *testing.F) {
	for _, header := range []string{"", "198.51.100.1", "fe80::1%text", "10.0.0.1,10.0.0.2", ",", "::ffff:1.2.3.4", "1.2.3.4:80", "[::1]", "[::1%z]:80"} {
		f.Add(header)
	}
	trusted := prefixes("10.0.0.0/8")
	f.Fuzz(func(t *testing.T, header string) {
		r := &http.Request{RemoteAddr: "10.0.0.1:443", Header: http.Header{"X-Forwarded-For": {header}}}
		got := Address(r, trusted)
		if a, err := netip.ParseAddr(got); err != nil || a.Zone() != "" || a.String() != got {
			t.Errorf("%q gives %q: %v", header, got, err)
		}
	})
}
