package login

import (
	"net/url"
	"path"
	"strings"
)

// Home is where a sign-in leads that was asked for no page.
const Home = "/token"

// ReturnPath returns target if it is a path of this site, with its query, that
// a browser cannot read as anything else, and Home if not. Double slashes,
// backslashes, control characters, dot segments and their escaped forms are the
// known ways out (open redirects).
func ReturnPath(target string) string {
	// Five pending sign-ins with such paths stay within 8 KB of cookies.
	const longest = 512
	if len(target) > longest || !strings.HasPrefix(target, "/") || strings.ContainsFunc(target, unprintable) {
		return Home
	}
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Fragment != "" {
		return Home
	}
	if strings.ContainsFunc(u.Path, unprintable) || strings.Contains(u.Path, `//`) || path.Clean(u.Path) != u.Path {
		return Home
	}
	if own := strings.TrimSuffix(u.Path, "/"); own == "" || own == "/login" || own == "/logout" || strings.HasPrefix(own, "/oauth/") || own == "/signed-out" {
		return Home
	}
	return target
}

// unprintable matches what browsers strip or read as a slash.
func unprintable(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
