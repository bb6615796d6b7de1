package login

import (
	"net/url"
	"path"
	"strings"
)

// Home is where a sign-in leads if no page is asked for.
const Home = "/token"

// ReturnPath returns target if it is a path of this site, with or without a query,
// and Home if not. It prevents open redirects: browsers can read double slashes,
// backslashes, control characters, dot segments and their escaped forms as another
// site. Paths that would lead in circles, such as /login, become Home too.
func ReturnPath(target string) string {
	// With such paths, the cookies of five pending sign-ins stay below 8 KB.
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
	switch own := strings.TrimSuffix(u.Path, "/"); own {
	case "":
		return "/" // which leads on those who have no use for it
	case "/login", "/logout", "/signed-out":
		return Home
	default:
		if strings.HasPrefix(own, "/oauth/") {
			return Home
		}
	}
	return target
}

// unprintable reports whether browsers remove r or read it as a slash.
func unprintable(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
