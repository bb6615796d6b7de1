package config

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tokenconsole/internal/genesys"
)

// KeySize is the size of a session key, in bytes.
const KeySize = 32

// defaultDatabase is a file in the working directory.
const defaultDatabase = "sqlite:console.db"

// check returns the settings as a Config, or every problem with them.
func (s settings) check(source *environment) (Config, error) {
	p := &problems{found: source.problems, plainHTTP: s.AllowPlainHTTP}
	c := Config{
		Command:        Serve,
		Addr:           p.address("--addr (CONSOLE_ADDR)", s.Addr),
		TrustedProxies: p.prefixes("CONSOLE_TRUSTED_PROXIES", s.TrustedProxies),
		ClientID:       s.ClientID,
		ClientSecret:   genesys.NewSecret(s.ClientSecret),
		SessionKeys:    p.keys("CONSOLE_SESSION_KEYS", s.SessionKeys),
		SessionIdle:    p.duration("CONSOLE_SESSION_IDLE", s.SessionIdle, time.Second, 24*time.Hour),
		SessionTotal:   p.duration("CONSOLE_SESSION_TOTAL", s.SessionTotal, time.Second, 7*24*time.Hour),
		DatabaseURL:    s.DatabaseURL,
		RecordKeys:     p.recordKeys(s.RecordKey),
		Watch:          p.duration("CONSOLE_WATCH", s.Watch, time.Minute, 7*24*time.Hour),
		AuditRetention: p.retention("CONSOLE_AUDIT_RETENTION", s.AuditRetention),
		Reasons:        p.reasons("CONSOLE_REASONS", s.Reasons),
		ApprovalOver:   p.approvalOver("CONSOLE_APPROVAL_OVER", s.ApprovalOver),
		ApprovalWithin: p.duration("CONSOLE_APPROVAL_WITHIN", s.ApprovalWithin, time.Minute, 7*24*time.Hour),
		RateShare:      p.number("CONSOLE_RATE_SHARE", strings.TrimSuffix(s.RateShare, "%"), 0, 95),
		Protected:      p.people("CONSOLE_PROTECTED", s.Protected),
		LogLevel:       p.level("CONSOLE_LOG_LEVEL", s.LogLevel),
		LogFormat:      p.choice("CONSOLE_LOG_FORMAT", s.LogFormat, JSON, Text, Journal),
		Files:          source.files,
		Demo:           s.Demo,
		DemoAddr:       s.DemoAddr,
		DemoUsers:      p.number("--demo-users", s.DemoUsers, 3, 20_000),
		DemoRateLimit:  p.number("--demo-rate-limit", s.DemoRateLimit, 1, 1_000_000),
	}
	if s.MetricsAddr != "" {
		c.MetricsAddr = p.address("CONSOLE_METRICS_ADDR", s.MetricsAddr)
	}
	if s.PublicURL != "" {
		c.PublicURL = p.origin("CONSOLE_PUBLIC_URL", s.PublicURL)
	}
	if s.Demo {
		s.checkDemo(p)
	} else if s.untouched() {
		p.add("nothing is set up yet: `web --demo` tries the console with an emulated Genesys Cloud; " +
			"`web init` writes a file of settings to fill in, for --settings")
	} else {
		c.Regions, c.DatabaseURL = s.regions(p), cmp.Or(s.DatabaseURL, defaultDatabase)
		s.require(p)
	}
	if len(p.found) > 0 {
		return Config{}, Problems(p.found)
	}
	return c, nil
}

// untouched reports whether none of the settings that the real platform needs is there.
func (s settings) untouched() bool {
	return s.ClientID == "" && s.Region == "" && s.PublicURL == "" && s.SessionKeys == "" && s.RecordKey == ""
}

// checkDemo adds a problem for each setting that the demo cannot run with.
func (s settings) checkDemo(p *problems) {
	p.loopback("--demo-addr", p.address("--demo-addr", s.DemoAddr))
	if s.DatabaseURL != "" && s.RecordKey == "" {
		p.add("CONSOLE_RECORD_KEY is missing: with CONSOLE_DATABASE_URL, --demo needs the key that signs the record there. " +
			"A new key at each start would find the record of the last one foreign. Make one with `web audit keygen`")
	}
}

// require adds a problem for each missing setting that the real platform needs.
func (s settings) require(p *problems) {
	if s.ClientID == "" {
		p.add("GENESYS_CLIENT_ID is missing: register an OAuth client in Genesys Cloud " +
			"(Admin, Integrations, OAuth) and give its id, or try --demo")
	}
	if s.PublicURL == "" {
		p.add("CONSOLE_PUBLIC_URL is missing: give the address that browsers use, such as https://tokens.example.com")
	}
	if s.SessionKeys == "" {
		p.add("CONSOLE_SESSION_KEYS is missing: make a key with `web keygen`")
	}
	if s.RecordKey == "" {
		p.add("CONSOLE_RECORD_KEY is missing: make one with `web audit keygen`, give the first line here and keep the second")
	}
}

// regions returns the named regions, with the URLs that the settings replace.
func (s settings) regions(p *problems) []genesys.Region {
	if s.Region == "" {
		p.add("GENESYS_REGION is missing: give the domain of your organization's region, such as mypurecloud.com")
		return nil
	}
	var regions []genesys.Region
	for name := range strings.SplitSeq(s.Region, ",") {
		region, err := genesys.ParseRegion(name)
		if err != nil {
			p.add("GENESYS_REGION: " + err.Error())
			continue
		}
		regions = append(regions, region)
	}
	if s.LoginURL == "" && s.APIURL == "" || len(regions) == 0 {
		return regions
	}
	if len(regions) > 1 {
		p.add("GENESYS_LOGIN_URL and GENESYS_API_URL go with one GENESYS_REGION, not with several")
	}
	if s.LoginURL != "" {
		regions[0].LoginURL = p.base("GENESYS_LOGIN_URL", s.LoginURL)
	}
	if s.APIURL != "" {
		regions[0].APIURL = p.base("GENESYS_API_URL", s.APIURL)
	}
	return regions
}

// problems collects every problem while the settings are read.
type problems struct {
	found     []string
	plainHTTP bool // plain http to other machines is allowed
}

func (p *problems) add(text string) { p.found = append(p.found, text) }

func (p *problems) address(name, text string) string {
	if _, port, err := net.SplitHostPort(text); err != nil {
		p.add(fmt.Sprintf("%s is %q: give HOST:PORT, such as 127.0.0.1:8080 or :8080", name, text))
	} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		p.add(fmt.Sprintf("%s has the port %q: give a number from 0 to 65535", name, port))
	}
	return text
}

// loopback refuses an address that other machines could reach, because the emulator
// gives tokens to anybody who asks.
func (p *problems) loopback(name, text string) {
	if host, _, err := net.SplitHostPort(text); err == nil && !loopback(host) {
		p.add(fmt.Sprintf("%s is %q: the emulator listens on loopback only, such as 127.0.0.1:8081", name, text))
	}
}

// origin reads an http or https URL that is only a scheme and a host.
func (p *problems) origin(name, text string) *url.URL {
	u := p.url(name, text)
	if u == nil {
		return nil
	}
	if strings.Trim(u.Path, "/") != "" {
		p.add(fmt.Sprintf("%s is %q: the console lives at the root of its host, so give no path", name, text))
	}
	// As browsers spell it in Host and Origin: lower case, no default port.
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":")
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	return &url.URL{Scheme: u.Scheme, Host: host}
}

// base reads an http or https URL, without a final slash.
func (p *problems) base(name, text string) string {
	if u := p.url(name, text); u != nil {
		return strings.TrimRight(u.String(), "/")
	}
	return ""
}

func (p *problems) url(name, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		p.add(fmt.Sprintf("%s is not an address: give scheme and host, such as https://tokens.example.com", name))
		return nil
	}
	p.transport(name, u)
	return u
}

func (p *problems) prefixes(name, text string) []netip.Prefix {
	var prefixes []netip.Prefix
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if addr, err := netip.ParseAddr(item); err == nil && addr.Zone() == "" {
			addr = addr.Unmap()
			prefixes = append(prefixes, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(item)
		if err != nil {
			p.add(fmt.Sprintf("%s has %q: give addresses or networks such as 10.0.0.0/8", name, item))
			continue
		}
		p.narrow(name, prefix)
		prefixes = append(prefixes, prefix)
	}
	return prefixes
}

// keys reads session keys. Problems name a key by its position and never show it.
func (p *problems) keys(name, text string) [][]byte {
	var keys [][]byte
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(item)
		place := fmt.Sprintf("%s: key %d", name, len(keys)+1)
		switch {
		case err != nil:
			p.add(place + " is not base64: make one with `web keygen`")
		case len(key) != KeySize:
			p.add(fmt.Sprintf("%s has %d bytes instead of %d: make one with `web keygen`", place, len(key), KeySize))
		case patterned(key):
			p.add(place + " has too little in it to be a secret: make one with `web keygen`")
		}
		keys = append(keys, key)
	}
	if text != "" && len(keys) == 0 {
		p.add(name + " holds no key: make one with `web keygen`")
	}
	return keys
}

func (p *problems) duration(name, text string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > most {
		p.add(fmt.Sprintf("%s is %q: give a duration from %s to %s, such as 30m", name, text, least, most))
	}
	return d
}

// retention reads a duration of at least a day, in days or hours. "" is 0.
func (p *problems) retention(name, text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d < 24*time.Hour || d > 100*365*24*time.Hour {
		p.add(fmt.Sprintf("%s is %q: give a day or more, such as 365d, or leave it out to keep all", name, text))
	}
	return d
}

// Most reasons to choose from, and most characters of one.
const (
	maxReasons = 12
	maxReason  = 40
)

// reasons reads a list of short texts; "" is nil.
func (p *problems) reasons(name, text string) []string {
	if text == "" {
		return nil
	}
	var all []string
	unfit := false
	for item := range strings.SplitSeq(text, ",") {
		item = strings.Join(strings.Fields(item), " ")
		switch {
		case item == "" || slices.Contains(all, item):
		case !utf8.ValidString(item) || utf8.RuneCountInString(item) > maxReason || strings.ContainsFunc(item, unicode.IsControl):
			unfit = true
		default:
			all = append(all, item)
		}
	}
	switch {
	case unfit:
		p.add(fmt.Sprintf("%s has a reason that is unreadable or longer than %d characters: give short words", name, maxReason))
	case len(all) == 0 || len(all) > maxReasons:
		p.add(fmt.Sprintf("%s has %d reasons: give 1 to %d, with commas between them", name, len(all), maxReasons))
	}
	return all
}

func (p *problems) number(name, text string, least, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		p.add(fmt.Sprintf("%s is %q: give a number from %d to %d", name, text, least, most))
	}
	return n
}

func (p *problems) level(name, text string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		p.add(fmt.Sprintf("%s is %q: give debug, info, warn or error", name, text))
	}
	return level
}

func (p *problems) choice(name, text string, choices ...string) string {
	for _, c := range choices {
		if text == c {
			return c
		}
	}
	p.add(fmt.Sprintf("%s is %q: give %s", name, text, strings.Join(choices, " or ")))
	return ""
}
