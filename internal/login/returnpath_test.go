package login

import (
	"net/url"
	"strings"
	"testing"
)

var keptPaths = []string{
	"/", "/token", "/users?q=a%26b", "/users/6e61b501-d95a-56be-b87a-009ea80487d7", "/users?q=//x&next=https://evil.example/",
	"/users?q=a+b%20c", "/audit?from=2026-05-04T09:00:00Z", "/users?q=%E2%82%AC", "/caf%C3%A9", "/users?q=@b.example",
	"/users?q=..", "/users?q=", "/a/b.c/d", "/oauthclients", "/logins",
}

var refusedPaths = []string{
	// leave the site, or might in some browser
	"", "//evil.example", "///evil.example", "////evil.example", `/\evil.example`, `\\evil.example`, `\/evil.example`, `/\/evil.example`,
	"//evil.example/%2f..", "/%2fevil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%5Cevil.example", "/%2F/evil.example",
	"https://evil.example", "https:evil.example", "https:/evil.example", "HTTPS://evil.example", "http://console.example/token",
	"javascript:alert(1)", "data:text/html,x", "vbscript:x", "mailto:a@b.example", "//user@evil.example", "@evil.example", "evil.example",
	"/\tevil.example", "/\t/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "/%09/evil.example", "/%0a/evil.example",
	"/token\r\nSet-Cookie: a=b", "/token\nx", "/token%0d%0aSet-Cookie:%20a=b", "/token\x00", "/token%00", "/\x7f/evil.example",
	"/./\\evil.example", "/.//evil.example", "/..//evil.example", "/users/..//evil.example", "/../evil", "/users/../token", "/users/./x",
	"/%2e%2e/x", "/users/%2e%2e%2f%2fevil.example", "/users/..", "/users//x", "/token/", "?q=x", "#x", "users", "./users", "../users",
	"/%zz", "/users#top", "/users?q=a\tb", "/users?q=a b", "/users?q=\\", "/users?q=\n",
	// lead in circles
	"/login", "/login?return_to=/token", "/%6cogin", "/logout", "/signed-out", "/oauth/callback?code=x&state=y",
	"/" + strings.Repeat("x", 1024),
}

func TestReturnPath(t *testing.T) {
	t.Parallel()
	for _, target := range keptPaths {
		if got := ReturnPath(target); got != target {
			t.Errorf("%q became %q", target, got)
		}
	}
	for _, target := range refusedPaths {
		if got := ReturnPath(target); got != Home {
			t.Errorf("%q became %q, want %q", target, got, Home)
		}
	}
}

// asBrowsersDo resolves location against the console as the URL standard says
// (https://url.spec.whatwg.org, "basic URL parser"), in what of it can leave a
// site: white space and controls at the ends go, tabs and line ends go wherever
// they are, a backslash is a slash, and an escaped dot is a dot.
func asBrowsersDo(location string) (*url.URL, error) {
	location = strings.TrimFunc(location, func(r rune) bool { return r <= ' ' })
	location = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(location)
	path, rest := location, ""
	if i := strings.IndexAny(location, "?#"); i >= 0 {
		path, rest = location[:i], location[i:]
	}
	path = strings.NewReplacer(`\`, "/", "%2e", ".", "%2E", ".").Replace(path)
	if strings.HasPrefix(path, "//") { // any number of slashes ends before the host
		path = "//" + strings.TrimLeft(path, "/")
	}
	base := &url.URL{Scheme: "https", Host: "console.example", Path: "/"}
	return base.Parse(path + rest)
}

// FuzzReturnPath holds that no return path leaves the site (L11), be it read
// once or decoded once more on the way, and that a path comes back unchanged.
func FuzzReturnPath(f *testing.F) {
	for _, target := range append(keptPaths, refusedPaths...) {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got := ReturnPath(target)
		if got != Home && got != target {
			t.Fatalf("%q was changed to %q", target, got)
		}
		if again := ReturnPath(got); again != got {
			t.Fatalf("%q is safe the first time and %q the second", got, again)
		}
		readings := []string{got}
		if path, _, _ := strings.Cut(got, "?"); path != "" {
			if decoded, err := url.PathUnescape(path); err == nil {
				readings = append(readings, decoded)
			}
		}
		for _, reading := range readings {
			if strings.ContainsAny(reading, "\r\n\x00") {
				t.Fatalf("%q could split a header", reading)
			}
		}
		u, err := asBrowsersDo(got)
		if err != nil || u.Scheme != "https" || u.Host != "console.example" || u.User != nil {
			t.Fatalf("%q leads to %v (%v)", target, u, err)
		}
		if strings.HasPrefix(u.Path, "//") || strings.HasPrefix(readings[len(readings)-1], "//") {
			t.Fatalf("%q leads to the path %q", target, u.Path)
		}
	})
}
